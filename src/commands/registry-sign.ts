import type { Command } from '../model/command.js'
import type { RegistrySignResult } from '../model/results.js'
import { counted } from '../model/text.js'
import { registrySign as perform } from '../operations/sign.js'
import { keyAbout, signedLines, signFlags } from './signing.js'

export const registrySign: Command<RegistrySignResult> = {
  name: 'registry sign',
  args: '<folder>',
  summary: 'sign the index of a registry, so that others can hold it to that',
  about: [
    'Signs registry.json, .claude-plugin/marketplace.json or haal_manifest.json, with the files beside it that decide what comes from the registry. Where these do not give the digest of every artifact, haal.index.json is written, which does.',
    keyAbout,
  ],
  examples: ['haal registry sign ./registry --key acme.pem', 'haal registry sign ./registry --key second.pem --cosign'],
  flags: signFlags,
  completes: 'folder',
  changes: true,
  run: (ctx, [folder = ''], flags) => perform(ctx, { folder, flags }),
  show: (result, paint, flags) => [
    ...signedLines(result, flags),
    `  ${counted(result.artifacts, 'artifact')}${result.covers.length === 0 ? '' : `, with ${result.covers.join(', ')}`}`,
    ...result.uncovered.map(
      (ref) =>
        `${paint.warn('!')} ${ref} only points elsewhere, and not at fixed bytes: nobody will be able to install it where a signature is asked for; give its entry an "integrity" or "archiveIntegrity", in a marketplace a "sha"`,
    ),
  ],
}
