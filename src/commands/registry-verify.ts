import type { Command } from '../model/command.js'
import type { RegistryVerifyResult } from '../model/results.js'
import { counted } from '../model/text.js'
import { registryVerify as perform } from '../operations/sign.js'

export const registryVerify: Command<RegistryVerifyResult> = {
  name: 'registry verify',
  args: '<registry>',
  summary: 'verify the signature of a registry or of a folder; exit 6 if it is not good',
  about: [
    'Of a folder that is named by its path, every file is compared with what the signature vouches for.',
    'Trusts the keys that policy or the configuration pins for the registry, and those that --key names: what haal registry keygen printed as the public key, or a file with it (openssl pkey -in acme.pem -pubout -out acme.pub).',
  ],
  examples: ['haal registry verify ./registry --key acme.pub', 'haal registry verify corp --key acme.pub'],
  flags: [
    {
      name: 'key',
      value: '<key>',
      several: true,
      summary: 'a public key to trust, or a file that holds it',
      completes: 'file',
    },
  ],
  completes: 'registry',
  run: (ctx, [registry = ''], flags) => perform(ctx, { registry, flags }),
  show: ({ registry, signed, id, version, expires, keys, artifacts, uncovered }, paint) => [
    `${paint.good('ok')}  ${registry}: ${signed} of ${id}, version ${version}, until ${expires.slice(0, 10)}, vouches for ${counted(artifacts, 'artifact')}`,
    ...keys.map((key) => `  signed by ${key}`),
    ...uncovered.map((ref) => `${paint.warn('!')} ${ref} is not covered`),
  ],
}
