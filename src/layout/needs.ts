import { isRecord } from '../model/json.js'
import type { Facts } from './facts.js'
import { metadataOf, textOf } from './frontmatter.js'

/** Programs that people write into `compatibility`, as they write them. */
const programs: Readonly<Record<string, string>> = {
  git: 'git',
  gh: 'gh',
  node: 'node',
  'node.js': 'node',
  nodejs: 'node',
  npm: 'npm',
  python: 'python3',
  python3: 'python3',
  uv: 'uv',
  sh: 'sh',
  bash: 'bash',
  zsh: 'zsh',
  powershell: 'pwsh',
  pwsh: 'pwsh',
  docker: 'docker',
  java: 'java',
  go: 'go',
  ruby: 'ruby',
  rust: 'cargo',
  cargo: 'cargo',
  curl: 'curl',
  jq: 'jq',
  ffmpeg: 'ffmpeg',
  pandoc: 'pandoc',
}

/** Programs and the versions of them that an artifact's own files ask for; `*` where any version will do. Read from `requires.bins` (in a head, in
    its `metadata.<runtime>`, in manifest.json), from `compatibility: Requires git, Python 3.10+`, and from a package's `engines.node`. */
export function needsOf({ head, manifest, packageJson }: Facts): Record<string, string> {
  const values = head?.head.values
  const metadata = metadataOf(values) ?? {}
  const holders = [values, metadata, ...Object.values(metadata), manifest].filter(isRecord)
  const bins = holders.flatMap((holder) => binsIn(holder.requires))
  const texts = [
    textOf(values, 'compatibility'),
    typeof manifest?.compatibility === 'string' ? manifest.compatibility : undefined,
  ]
  const engine = isRecord(packageJson?.engines) ? packageJson.engines.node : undefined
  const found = [
    ...bins.map((program): [string, string] => [program, '*']),
    ...texts.flatMap((text) => (text === undefined ? [] : programsIn(text))),
    ...(typeof engine === 'string' ? [['node', engine] satisfies [string, string]] : []),
  ]
  return Object.fromEntries(found)
}

/** `requires: { bins: [git] }` or `requires: [git]`; what is no program's name is left out. */
function binsIn(requires: unknown): string[] {
  const bins = isRecord(requires) ? (requires.bins ?? requires.programs) : requires
  return Array.isArray(bins)
    ? bins.filter((bin): bin is string => typeof bin === 'string' && /^[A-Za-z0-9][\w.+-]{0,63}$/.test(bin))
    : []
}

/** Only what a sentence says is required, and no sentence that offers a choice. */
function programsIn(text: string): [string, string][] {
  const sentences = text
    .split(/[.;](?:\s|$)|\n/)
    .filter((sentence) => /\b(requires?|needs?)\b/i.test(sentence) && !/\bor\b/i.test(sentence))
  return sentences.flatMap((sentence) =>
    [...sentence.matchAll(/([A-Za-z][\w.]*\w)(?:\s+(?:v|>=\s*)?(\d+(?:\.\d+){0,2})\+?)?/g)].flatMap(
      ([, word = '', version]): [string, string][] => {
        const key = word.toLowerCase()
        const program = Object.hasOwn(programs, key) ? programs[key] : undefined
        return program === undefined ? [] : [[program, version === undefined ? '*' : `>=${version}`]]
      },
    ),
  )
}
