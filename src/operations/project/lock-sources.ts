import { fail } from '../../model/errors.js'
import type { Lock, LockedRegistry } from '../../model/lock.js'
import type { Manifest } from '../../model/manifest.js'
import { isCommit, type Registry } from '../../model/registry.js'
import { counted, inShell } from '../../model/text.js'
import { lockedRegistry } from '../../plan/lock.js'
import { leadsTo } from '../../plan/sources.js'

/** What haal.lock got for haal.json would all go if a haal.json that is lost were taken for one that asks for nothing. Throws E_CONFIG. */
export function demandManifest(
  command: string,
  { lock, manifest }: { lock: Lock | undefined; manifest: Manifest },
): void {
  const { file, registriesAt, artifacts } = manifest
  if (!follows.has(command) || file !== undefined || registriesAt.form === 'program') return
  if (lock === undefined || Object.keys(artifacts).length > 0) return
  const asked = Object.values(lock.artifacts).filter(({ requestedBy }) => requestedBy.includes('haal.json'))
  if (asked.length === 0) return
  fail('E_CONFIG', `there is no haal.json, but haal.lock has ${counted(asked.length, 'artifact')} that it asked for`, {
    hint: 'bring haal.json back from version control; or, to begin anew without them: haal init',
  })
}

/** The commands after which haal.lock holds what haal.json asks for, and nothing else. */
const follows: ReadonlySet<string> = new Set([
  'install',
  'uninstall',
  'update',
  'pin',
  'unpin',
  'registry add',
  'target add',
  'target remove',
])

/** Every registry that haal.lock names must be one that the configuration names, at the same address: a lockfile may not send haal anywhere else.
    Secondaries that the primary lists are compared when the primary is open. Throws E_LOCK_SOURCE. */
export function checkSources({ lock, manifest }: { lock: Lock; manifest: Manifest }): void {
  checkRevisions(lock)
  for (const [name, locked] of Object.entries(lock.registries)) {
    const configured = manifest.registries.find((registry) => registry.name === name)
    if (configured !== undefined) checkSource(name, locked, configured)
    else if (locked.listedBy === undefined) unknown(name, locked)
    else if (!manifest.registries.some((registry) => registry.name === locked.listedBy)) unknown(name, locked)
  }
}

/** What is asked for by its revision is a commit or a digest, and nothing else. Throws E_LOCK_PARSE. */
function checkRevisions({ registries, artifacts }: Lock): void {
  for (const [name, { type, revision }] of Object.entries(registries))
    if (isGit.has(type) && revision !== undefined && !isCommit(revision)) wrong(`registry "${name}"`, revision)
  for (const [ref, { revision }] of Object.entries(artifacts))
    if (revision !== undefined && !isCommit(revision) && !/^sha\d+-[\w+/=\s?-]+$/.test(revision)) wrong(ref, revision)
}

const isGit: ReadonlySet<string> = new Set(['git', 'github'])

function wrong(what: string, revision: string): never {
  return fail(
    'E_LOCK_PARSE',
    `haal.lock: ${what} has the revision ${JSON.stringify(revision.slice(0, 80))}, which is none`,
    {
      hint: 'restore haal.lock from version control',
    },
  )
}

/** Throws E_LOCK_SOURCE where an address in the lockfile is not the configured one. */
export function checkSource(name: string, locked: LockedRegistry | undefined, configured: Registry): void {
  if (locked === undefined) return
  if (leadsTo(locked, configured)) return
  const { type, location } = lockedRegistry(configured)
  const [before, now] =
    location === locked.location
      ? [`of type ${locked.type}`, `of type ${type}`]
      : [`at ${shown(locked.location)}`, `at ${location}`]
  fail('E_LOCK_SOURCE', `haal.lock has registry "${name}" ${before}, the configuration ${now}`, {
    hint: `if the configuration is right, take what came from it from there: haal update ${inShell(`${name}:*`)}`,
    details: { registry: name, locked: shown(locked.location), configured: location },
  })
}

function unknown(name: string, { location }: LockedRegistry): never {
  return fail(
    'E_LOCK_SOURCE',
    `haal.lock has a registry "${name}" (${shown(location)}) that the configuration does not have`,
    {
      hint: `if it is meant, add it there; if it is gone for good, take what came from it from the others: haal update ${inShell(`${name}:*`)}`,
    },
  )
}

/** Whoever wrote the lockfile may have left a password or token in an address: it is not repeated. */
export function shown(location: string): string {
  return location.replace(/^([\w+.-]+:[/\\]{2})[^/\\?#]*@/, '$1***@').replace(/\?.*/s, '?***')
}
