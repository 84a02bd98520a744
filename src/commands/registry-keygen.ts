import type { Command } from '../model/command.js'
import type { KeygenResult } from '../model/results.js'
import { inDryRun } from '../model/text.js'
import { registryKeygen as perform } from '../operations/sign.js'

export const registryKeygen: Command<KeygenResult> = {
  name: 'registry keygen',
  args: '<file>',
  summary: 'make a key to sign registries and policies with',
  about: [
    'Writes an ed25519 private key to the file, and prints the public key, which is what policies and configurations pin. The file is encrypted where HAAL_KEY_PASSPHRASE is set.',
  ],
  examples: ['haal registry keygen acme.pem'],
  flags: [],
  completes: 'file',
  changes: true,
  run: (ctx, [file = ''], flags) => perform(ctx, { file, flags }),
  show: ({ file, encrypted, publicKey, fingerprint }, paint, { dryRun }) => {
    const safety = encrypted ? ', encrypted' : `; ${paint.warn('it is not encrypted')}: keep it as you keep passwords`
    // The key that a dry run has made is gone: nobody shall pin it.
    if (dryRun) return [inDryRun(`would write a private key to ${file}${encrypted ? ', encrypted' : ''}`)]
    return [`${file}: a private key${safety}`, `public key   ${publicKey}`, `fingerprint  ${fingerprint}`]
  },
}
