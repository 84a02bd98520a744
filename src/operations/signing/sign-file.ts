import path from 'node:path'
import type { CommonFlags, Context } from '../../model/context.js'
import { fail } from '../../model/errors.js'
import { fingerprint } from '../../model/public-keys.js'
import type { SignResult } from '../../model/results.js'
import { signedDigest } from '../../policy/fresh.js'
import { saidIn } from '../../policy/signature.js'
import { bundleOf, isEncrypted, privateKey } from '../../policy/signing.js'
import { printStatement, type SignedThing, type Statement } from '../../policy/statement.js'
import { writeWhole } from '../../state/atomic-write.js'

export interface SignFlags extends CommonFlags {
  /** PKCS#8 PEM. */
  key?: string
  id?: string
  /** Days. */
  expires?: number
  /** Add a signature to what is signed already. */
  cosign?: boolean
}

interface ToSign {
  /** Absolute: beside it the signature comes to lie. */
  file: string
  thing: SignedThing
  subjects: Statement['subjects']
  id: string
  /** At least. */
  version?: number
}

const day = 86_400_000
const usualDays = 90

/** Signs a file, with others that belong to it, and puts the bundle beside it. The version is one more than last time. Throws E_USAGE, E_CANNOT_ASK where the
    passphrase is missing, E_SIG_SUBJECT where there is nothing to co-sign. */
export async function signFile(ctx: Context, { file, ...what }: ToSign, flags: SignFlags): Promise<SignResult> {
  const by = privateKey(...(await keyFile(ctx, flags)))
  const beside = `${file}.sigstore.json`
  const text = ctx.disk.text(beside)
  const before = text === undefined ? [] : await saidIn(text, { source: path.basename(beside), thing: what.thing })
  const [last] = before
  const payload = flags.cosign
    ? sameAs(last, what, ctx.now())
    : printStatement(next(last?.statement, what, { flags, now: ctx.now() }), what.thing)
  const hint = fingerprint(by.publicKey).slice('sha256-'.length)
  const others = before.filter((each) => each.payload === payload && each.hint !== hint).map(({ bundle }) => bundle)
  const all = [...others, await bundleOf(payload, by)]
  if (!flags.dryRun) writeWhole(ctx.disk, beside, `${JSON.stringify(all.length === 1 ? all[0] : all, null, 2)}\n`)
  return {
    ...shown(payload),
    signed: path.basename(file),
    file: beside,
    key: fingerprint(by.publicKey),
    signatures: all.length,
  }
}

function shown(payload: string): Pick<SignResult, 'id' | 'version' | 'issuedAt' | 'expires'> {
  const { predicate } = JSON.parse(payload) as { predicate: Statement }
  const { registryId: id, version, issuedAt, expires } = predicate
  return { id, version, issuedAt, expires }
}

async function keyFile(
  ctx: Context,
  { key }: SignFlags,
): Promise<[string, { file: string; passphrase: string | undefined }]> {
  if (key === undefined)
    fail('E_USAGE', 'signing needs a key', {
      hint: 'name it with --key <file>; make one with: haal registry keygen <file>',
    })
  const file = path.resolve(ctx.cwd, key)
  const pem =
    ctx.disk.text(file) ?? fail('E_USAGE', `${key} does not exist`, { hint: '--key takes the path of a file' })
  return [pem, { file: key, passphrase: isEncrypted(pem) ? await passphraseFor(ctx, key) : undefined }]
}

async function passphraseFor({ env, askSecret, secrets }: Context, key: string): Promise<string> {
  const passphrase = env.HAAL_KEY_PASSPHRASE || (await (askSecret ?? cannotAsk(key))(`Passphrase of ${key}:`))
  secrets?.add(passphrase)
  return passphrase
}

function cannotAsk(key: string): never {
  return fail('E_CANNOT_ASK', `${key} is encrypted, and nobody can type its passphrase here`, {
    hint: 'give it in HAAL_KEY_PASSPHRASE',
  })
}

type Last = { statement: Statement; payload: string } | undefined

/** Another key signs the very same statement. */
function sameAs(last: Last, { subjects }: Omit<ToSign, 'file'>, now: Date): string {
  if (last === undefined)
    return fail('E_SIG_SUBJECT', 'there is no signature to add one to', { hint: 'leave out --cosign' })
  const isSame = JSON.stringify(last.statement.subjects) === JSON.stringify(subjects)
  if (!isSame || new Date(last.statement.expires) <= now)
    fail('E_SIG_SUBJECT', `what was signed ${isSame ? 'has expired' : 'has changed since'}`, {
      hint: 'sign it anew without --cosign; then the others add theirs',
    })
  return last.payload
}

function next(
  last: Statement | undefined,
  { subjects, id, version = 1 }: Omit<ToSign, 'file'>,
  { flags, now }: { flags: SignFlags; now: Date },
): Statement {
  const { expires = usualDays } = flags
  if (expires < 1)
    fail('E_USAGE', '--expires takes a number of days, at least 1', {
      hint: `leave it out: that means ${usualDays} days`,
    })
  return {
    subjects,
    registryId: flags.id ?? last?.registryId ?? id,
    version: Math.max(version, (last?.version ?? 0) + 1),
    issuedAt: now.toISOString(),
    expires: new Date(now.getTime() + expires * day).toISOString(),
    previousDigest: last === undefined ? null : signedDigest(last),
  }
}
