import type { Command } from '../model/command.js'
import type { SignResult } from '../model/results.js'
import { policySign as perform } from '../operations/sign.js'
import { keyAbout, signedLines, signFlags } from './signing.js'

export const policySign: Command<SignResult> = {
  name: 'policy sign',
  args: '<file>',
  summary: 'sign a policy file, so that a stricter policy can ask for it',
  about: [keyAbout],
  examples: ['haal policy sign policy.json --key acme.pem'],
  flags: signFlags,
  completes: 'file',
  changes: true,
  run: (ctx, [file = ''], flags) => perform(ctx, { file, flags }),
  show: (result, _paint, flags) => signedLines(result, flags),
}
