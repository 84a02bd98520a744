import { type Digest, isDigest } from '../model/digest.js'
import { fail } from '../model/errors.js'
import type { Ref } from '../model/kinds.js'
import type { Locked } from '../model/lock.js'
import { byCodeUnit } from '../model/names.js'
import type { Policy, Refusal, Rule } from '../model/policy.js'
import { inShell } from '../model/text.js'
import { hasNoEffect, isStricter } from './looser.js'
import { refusal } from './refuse.js'

/** How `Locked.approved` remembers one item of a surface: `<integrity> <item>`. The integrity is that of the bytes that were approved. */
export function approvalsOf(integrity: Digest, items: readonly string[]): string[] {
  return [...new Set(items)].sort(byCodeUnit).map((item) => `${integrity} ${item}`)
}

/** What was approved for exactly these bytes. Approvals of other bytes, older or forged, count for nothing. */
export function approvedIn({ integrity, approved = [] }: Pick<Locked, 'integrity' | 'approved'>): string[] {
  if (!isDigest(integrity)) return []
  return approved.filter((line) => line.startsWith(`${integrity} `)).map((line) => line.slice(integrity.length + 1))
}

/** What somebody has to approve before bytes with this surface may come in. `from` is the surface of what is installed (null where nothing is),
    `approved` what was approved for the new bytes. Without a rule, what an update adds; where policy says "approve", everything. */
export function needsApproval(
  from: readonly string[] | null,
  to: readonly string[],
  policy: Policy,
  approved: readonly string[],
): string[] {
  const rule = ruleOf(policy)
  if (rule?.value === 'allow') return []
  const known = rule?.value === 'approve' || rule?.value === 'deny' ? [] : (from ?? to)
  return to.filter((item) => !known.includes(item) && !approved.includes(item))
}

interface Waiting {
  ref: Ref
  items: readonly string[]
  /** The command that shows it. */
  look: string
}

/** The commands that have --approve. */
const approving: ReadonlySet<string> = new Set(['install', 'update', 'copy', 'pin', 'rollback'])

/** Throws E_APPROVAL naming what would run, and how to let all of it in this command, or before it. */
export function demandApproval(
  all: readonly Waiting[],
  { command, policy }: { command: string; policy: Policy },
): void {
  const waiting = all.filter(({ items }) => items.length > 0)
  const [first] = waiting
  if (first === undefined) return
  const { ref, items, look } = first
  const others = waiting.slice(1).map((each) => each.ref)
  const more = others.length === 0 ? '' : `; and so do ${others.join(', ')}`
  const rule = ruleOf(policy)
  const says = rule ? ` (content.executables in ${rule.source.from})` : ''
  const flags = waiting.map((each) => `--approve ${inShell(each.ref)}`).join(' ')
  const few = items.length > 3 ? ` (${items.length} things)` : `: ${items.join(', ')}`
  fail('E_APPROVAL', `${ref} brings something that runs and nobody has approved${few}${says}${more}`, {
    hint: `look at it with "${look}", then ${approving.has(command) ? 'add' : 'run: haal install'} ${flags}${asking(rule)}`,
    details: {
      artifact: ref,
      surface: items,
      ...(items.length > 3 && { lines: items }),
      ...(others.length > 0 && {
        others: waiting.slice(1).map((each) => ({ artifact: each.ref, surface: each.items })),
      }),
      ...(rule && { rule: 'content.executables', source: rule.source.from, contact: rule.source.contact ?? null }),
    },
  })
}

/** The same as a refusal, where a rule asks for approval; nothing where none does, or one denies it anyway. */
export function judgeApproval(ref: Ref, items: readonly string[], policy: Policy): Refusal[] {
  const rule = ruleOf(policy)
  if (items.length === 0 || rule?.value !== 'approve') return []
  const reason = `nobody has approved what it can run: ${items.join(', ')}`
  return [{ ...refusal(rule, ref, reason), code: 'E_APPROVAL' }]
}

function asking(rule: Rule | undefined): string {
  return rule?.source.contact === undefined ? '' : `; if in doubt, ask ${rule.source.contact}`
}

/** The strictest that anyone says; "allow" only from those who may. */
function ruleOf(policy: Policy): Rule<'content.executables'> | undefined {
  return policy.rules['content.executables']
    .filter((rule) => !hasNoEffect(rule))
    .reduce<Rule<'content.executables'> | undefined>(
      (strictest, rule) => (strictest === undefined || isStricter(rule.value, strictest.value) ? rule : strictest),
      undefined,
    )
}
