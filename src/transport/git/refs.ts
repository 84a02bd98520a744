import { fail } from '../../model/errors.js'
import { nearest } from '../../model/nearest.js'
import { isCommit, locationOf, type Registry } from '../../model/registry.js'
import type { Tagged } from '../../model/transport.js'

/** What a repository says it has: HEAD, `refs/heads/…` and `refs/tags/…` with the commits they lead to, annotated tags peeled. */
export type Advertised = ReadonlyMap<string, string>

/** Throws E_REF for what can be no branch, tag, version or commit. Runs before any process or request, so that a ref is never taken
    for an option or an expression. The rules are those of git-check-ref-format(1). */
export function checkRef(ref: string, registry: string): void {
  const refuse = (why: string, hint?: string) =>
    fail('E_REF', `${registry}: ${JSON.stringify(ref.slice(0, 100))} ${why}`, { hint })
  if (isCommit(ref)) return
  if (/^[0-9a-f]{32,}$/i.test(ref)) refuse('is not a commit id', 'give all 40 digits, in lower case')
  const unsound =
    ref.length === 0 ||
    ref.length > 250 ||
    /^[-/.]|[/.]$|\/\/|\/\.|\.\.|\.lock(\/|$)|@\{|^@$|[\u0000-\u0020\u007f~^:?*[\\]/.test(ref)
  if (unsound) refuse('is not a branch, tag, version or commit')
}

/** Reads `git ls-remote` and `git show-ref`: `<id>` white space `<name>` a line, `^{}` after the name of a peeled tag. */
export function parseAdvertised(text: string): Advertised {
  const refs = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, id, name = ''] = /^([0-9a-f]{40}|[0-9a-f]{64})[\t ](.+)$/.exec(line) ?? []
    if (id !== undefined && /^(HEAD$|refs\/heads\/|refs\/tags\/)/.test(name)) refs.set(name.replace(/\^\{\}$/, ''), id)
  }
  return refs
}

export function printAdvertised(refs: Advertised): string {
  return [...refs].map(([name, id]) => `${id} ${name}\n`).join('')
}

/** A page of HTML has no refs either: what has none says nothing of what is there. Throws E_REGISTRY_UNAVAILABLE. */
export function demandRefs(refs: Advertised, { name, at }: Registry): Advertised {
  if (refs.size > 0) return refs
  return fail('E_REGISTRY_UNAVAILABLE', `${name} (${locationOf(at)}) is no git repository, or an empty one`)
}

/** The commit a ref means; without a ref, what HEAD means there. Throws E_REF with the nearest name, and E_AMBIGUOUS
    where a branch and a tag of one name differ. */
export function chosen(refs: Advertised, ref: string | undefined, registry: string): string {
  if (ref === undefined || ref === 'HEAD') return refs.get('HEAD') ?? headless(refs, registry)
  if (isCommit(ref)) return ref
  const found = new Map(namesFor(ref, refs).flatMap((name) => pair(name, refs.get(name))))
  const ids = new Set(found.values())
  const [id] = ids
  if (id === undefined) return unknown(refs, ref, registry)
  if (ids.size > 1)
    fail('E_AMBIGUOUS', `${registry}: "${ref}" is a branch and a tag, and they differ`, {
      hint: `say which: ${[...found.keys()].join(' or ')}`,
    })
  return id
}

/** Throws E_REF. */
export function noCommit(commit: string, registry: string): never {
  return fail('E_REF', `${registry} has no commit ${commit}`, {
    hint: 'the repository may have been rewritten; haal outdated shows what it has now',
  })
}

/** Tags, with the commits they lead to. */
export function tagsOf(refs: Advertised): Tagged[] {
  return [...refs].flatMap(([name, id]) =>
    name.startsWith('refs/tags/') ? [{ name: name.slice('refs/tags/'.length), id }] : [],
  )
}

/** A version may be tagged with or without `v`: the other spelling is tried where the one asked for does not exist. */
function namesFor(ref: string, refs: Advertised): string[] {
  if (ref.startsWith('refs/')) return [ref]
  const names = [`refs/heads/${ref}`, `refs/tags/${ref}`, `refs/${ref}`]
  if (!/^v?\d/.test(ref) || names.some((name) => refs.has(name))) return names
  return [`refs/tags/${ref.startsWith('v') ? ref.slice(1) : `v${ref}`}`]
}

function pair(name: string, id: string | undefined): [string, string][] {
  return id === undefined ? [] : [[name, id]]
}

function headless(refs: Advertised, registry: string): never {
  const branch = [...refs.keys()].find((name) => name.startsWith('refs/heads/'))
  return fail('E_REF', `${registry}: the repository has no default branch`, {
    hint: branch && `name one: "ref": "${branch.slice('refs/heads/'.length)}"`,
  })
}

function unknown(refs: Advertised, ref: string, registry: string): never {
  const close = nearest(ref, new Set([...refs.keys()].map((name) => name.replace(/^refs\/(heads|tags)\//, ''))))
  const short = /^[0-9a-f]{7,}$/.test(ref) ? 'a commit is named by all 40 digits of its id' : undefined
  return fail('E_REF', `${registry} has no branch, tag or version "${ref}"`, {
    hint: close === undefined ? short : `did you mean "${close}"?`,
  })
}
