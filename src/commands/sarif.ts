import type { Flag, Flags } from '../model/command.js'
import { fail, type HaalError } from '../model/errors.js'
import { version } from '../model/haal-version.js'

/** One thing that is wrong, as a code scanner lists it. `at` is relative to the project, with `/`. */
export interface Finding {
  rule: string
  at: string
  message: string
}

export const formatFlag: Flag = {
  name: 'format',
  value: '<format>',
  choices: ['sarif'],
  summary: 'print what was found for a code scanner',
}

/** Throws E_USAGE where two documents are asked for. */
export function refuseBoth({ json, format }: Flags): void {
  if (json && format !== undefined)
    fail('E_USAGE', '--json and --format each print one document', { hint: 'leave one of them out' })
}

/** Findings as a SARIF log; `rules` says what each rule means. Source: OASIS, Static Analysis Results Interchange Format 2.1.0, with what
    GitHub's code scanning asks for besides. */
export function sarif(findings: readonly Finding[], rules: Readonly<Record<string, string>>): object {
  const ids = Object.keys(rules)
  return logOf(
    ids.map((id) => ruleOf(id, rules[id] ?? '')),
    { results: findings.map((finding) => resultOf(finding, ids)) },
  )
}

/** A log for a run that failed, and why. It has no `results` at all: from an empty list a scanner would conclude that all findings are fixed. */
export function failedSarif({ code, exit, message, hint }: HaalError): object {
  const text = hint === undefined ? message : `${message} (${hint})`
  const toolExecutionNotifications = [{ descriptor: { id: code }, level: 'error', message: { text } }]
  return logOf([], { invocations: [{ executionSuccessful: false, exitCode: exit, toolExecutionNotifications }] })
}

function logOf(rules: readonly object[], found: object): object {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver: { name: 'haal', version, rules } }, columnKind: 'utf16CodeUnits', ...found }],
  }
}

function ruleOf(id: string, meaning: string): object {
  const text = `${meaning.charAt(0).toUpperCase()}${meaning.slice(1)}.`
  return { id, shortDescription: { text }, fullDescription: { text }, help: { text: 'See: haal help errors' } }
}

/** The fingerprint (rule, place and words) lets a scanner recognise a finding in later runs. */
function resultOf({ rule, at, message }: Finding, ids: readonly string[]): object {
  const uri = at.split('/').map(encodeURIComponent).join('/')
  return {
    ruleId: rule,
    ruleIndex: ids.indexOf(rule),
    level: 'error',
    message: { text: message },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine: 1 } } }],
    partialFingerprints: { 'haal/v1': `${rule} ${uri} ${message}` },
  }
}
