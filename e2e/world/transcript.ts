import fs from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import type { Base } from './ground.js'
import { listing } from './place.js'
import { execute } from './run.js'
import { type ScreenOptions, screenOf } from './screen.js'

/** A shell line, run in the project with `haal` on PATH; `tree [folder]` shows files; `# …` is a remark. Or a remark and what
    happens elsewhere meanwhile. */
export type Step = string | { remark: string; act: () => unknown } | Dialogue

/** A shell line on a terminal and a person's part in it: when the picture holds this, type that. What was on the screen before
    each answer is shown too. */
export interface Dialogue {
  line: string
  answers: readonly { at: string | RegExp; type: readonly string[] }[]
}

const folder = path.resolve(import.meta.dirname, '../golden')

/** Runs every step and compares the whole with e2e/golden/<name>.txt. A missing file is written, except in CI, where it is a
    failure; UPDATE_GOLDEN=1 writes it anew. With `screen`, lines run in a terminal of that width, and what it shows is compared. */
export async function transcript(
  at: Base,
  name: string,
  { steps, screen }: { steps: readonly Step[]; screen?: ScreenOptions | undefined },
): Promise<void> {
  const parts: string[] = []
  for (const step of steps) parts.push(await played(at, step, screen))
  const text = `${normalised(parts.join('\n'), at)}`
  const file = path.join(folder, `${name}.txt`)
  const fresh = !fs.existsSync(file) && process.env.CI !== 'true'
  if (fresh || process.env.UPDATE_GOLDEN === '1') {
    fs.mkdirSync(path.dirname(file), { recursive: true })
    fs.writeFileSync(file, text)
  }
  expect(fs.existsSync(file), `e2e/golden/${name}.txt is missing: run this test once outside CI`).toBe(true)
  expect(text).toBe(fs.readFileSync(file, 'utf8'))
}

async function played(at: Base, step: Step, screen: ScreenOptions | undefined): Promise<string> {
  if (typeof step === 'string') {
    if (step.startsWith('#')) return `${step}\n`
    const [command, under = ''] = step.split(' ')
    const isTree = command === 'tree'
    const said = isTree
      ? drawn(at.project.at(under))
      : await (screen ? shown(at, { line: step, answers: [] }, screen) : plain(at, step))
    return `$ ${step}\n${said}`
  }
  if ('line' in step) return `$ ${step.line}\n${await shown(at, step, screen ?? {})}`
  await step.act()
  return `# ${step.remark}\n`
}

/** What the terminal shows before each answer, the keys that are pressed then, and what it shows in the end. */
async function shown(at: Base, { line, answers }: Dialogue, screen: ScreenOptions): Promise<string> {
  const terminal = screenOf(at, line, screen)
  const parts: string[] = []
  for (const { at: wanted, type } of answers) {
    parts.push(`${await terminal.until(wanted)}\n[${type.join(' ')}]\n`)
    terminal.type(...type)
  }
  const { picture, exit } = await terminal.end()
  return `${[...parts, `${picture}\n`].join('')}${exit === 0 ? '' : `exit ${exit}\n`}`
}

/** stdout as it is, stderr behind `2> `, then the exit code where it is not 0. */
async function plain(at: Base, line: string): Promise<string> {
  const done = await execute(['sh', '-c', line], { cwd: at.ground.cwd, env: at.ground.env }).outcome
  at.ground.inspect(done)
  const stderr = done.stderr === '' ? '' : `${done.stderr.replace(/\n$/, '').replace(/^/gm, '2> ')}\n`
  const stdout = done.stdout === '' || done.stdout.endsWith('\n') ? done.stdout : `${done.stdout}\n`
  return `${stdout}${stderr}${done.exit === 0 ? '' : `exit ${done.exit}\n`}`
}

/** Files only, with a star where they can be run. What haal keeps for itself is left out. */
function drawn(under: string): string {
  const files = Object.entries(listing(under, { skip: ['.haal/.state', '.state', '.git'] }))
  return files
    .filter(([, line]) => !line.startsWith('folder'))
    .map(([file, line]) => `${file}${line.startsWith('file 755') ? '*' : ''}\n`)
    .join('')
}

/** What differs from machine to machine and from day to day, in the order in which it is replaced. */
const changing: readonly [pattern: RegExp, instead: string][] = [
  [/sha(256|512)-[A-Za-z0-9+/]{43,86}={0,2}/g, 'sha$1-<digest>'],
  [/0\.0\.0-\d{14}-[0-9a-f]{12}/g, '0.0.0-<date>-<commit>'],
  [/0\.0\.0-[0-9a-f]{12}\b/g, '0.0.0-<digest>'],
  [/\b[0-9a-f]{64}\b/g, '<digest>'],
  [/\b[0-9a-f]{40}\b/g, '<commit>'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,12}\b/g, '<short>'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?Z?)?/g, '<date>'],
  [/\d{4}-\d\d-\d\d/g, '<day>'],
  [/\b(127\.0\.0\.1|localhost):\d{4,5}\b/g, '$1:<port>'],
  [/\bpid \d+/g, 'pid <pid>'],
  [/\b\d+(\.\d+)? ?m?s\b/g, '<time>'],
]

function normalised(text: string, { root }: Base): string {
  const { version } = JSON.parse(fs.readFileSync(path.resolve(folder, '../../package.json'), 'utf8'))
  const named = text
    .replaceAll(root.at('project'), '<project>')
    .replaceAll(root.at('home'), '~')
    .replaceAll(root.at('haal'), '<haal home>')
    .replaceAll(root.path, '<world>')
    .replaceAll(`haal ${version}`, 'haal <version>')
  return changing.reduce((now, [pattern, instead]) => now.replace(pattern, instead), named)
}
