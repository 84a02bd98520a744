import type { Flag, Flags } from '../model/command.js'
import type { SignResult } from '../model/results.js'

/** What commands that sign share. */
export const signFlags: readonly Flag[] = [
  { name: 'key', value: '<file>', summary: 'the private key, PKCS#8 PEM: ed25519 or P-256', completes: 'file' },
  { name: 'id', value: '<id>', summary: 'what it calls itself; by default what it did last time, else its name' },
  { name: 'expires', value: '<days>', number: true, summary: 'days until it has to be signed again (90)' },
  { name: 'cosign', summary: 'add a signature to what another key has signed already' },
]

export const keyAbout =
  'The passphrase of an encrypted key is taken from HAAL_KEY_PASSPHRASE, or asked for on a terminal. The signature is a Sigstore bundle beside the file that it signs; no network is needed.'

export function signedLines(
  { signed, id, version, expires, key, signatures }: SignResult,
  { dryRun }: Flags,
): string[] {
  const what = signed === id ? signed : `${signed} of ${id}`
  return [
    `${dryRun ? 'would sign' : 'signed'} ${what} as version ${version}, until ${expires.slice(0, 10)}`,
    `  by ${key}${signatures > 1 ? `, with ${signatures} signatures in all` : ''}`,
  ]
}
