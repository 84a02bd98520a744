import { fail } from '../../model/errors.js'
import { pinned, type WrittenKeys } from '../../model/public-keys.js'
import { checkFresh, checkSubjects } from '../../policy/fresh.js'
import { signedIn } from '../../policy/signature.js'
import { lacking, valid } from '../../policy/signers.js'

interface Beside {
  from: string
  bytes: Uint8Array
  /** The text of the Sigstore bundles beside it. */
  signature: string | undefined
}

/** Holds a policy to what those before it ask of its signature. Throws E_SIG_MISSING, E_SIG, E_SIG_KEY, E_SIG_SUBJECT, E_INDEX_EXPIRED. */
export async function verifyPolicy(
  { from, bytes, signature }: Beside,
  { demands, now }: { demands: readonly WrittenKeys[]; now: Date },
): Promise<void> {
  const main = /[^/\\]*$/.exec(from)?.[0] ?? from
  const source = `${main}.sigstore.json`
  if (signature === undefined) fail('E_SIG_MISSING', `it has to be signed, and ${source} is not there`)
  const all = demands.map(pinned)
  const keys = [...new Set(all.flatMap((each) => valid(each.keys, now)))]
  for (const { statement, keys: by } of await signedIn(signature, { source, keys, thing: 'policy' })) {
    checkSubjects(statement, { source, main, files: new Map([[main, bytes]]) })
    checkFresh(statement, { source, now, seen: undefined })
    const lack = all
      .map((each) => lacking(each, { keys: by, id: statement.registryId, now }))
      .find((each) => each !== undefined)
    if (lack === undefined) return
    fail(lack.code, `${source}: ${lack.why.replace('its index', 'it')}`)
  }
}
