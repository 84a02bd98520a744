import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { declare, exportsOf, libraryPage } from '../scripts/library.mjs'
import { needs } from './world/index.js'
import { libraryOf } from './world/library.js'

const root = path.resolve(import.meta.dirname, '..')
const agentos = path.join(root, 'e2e/world/agentos/node_modules/@framers/agentos')

/** A project that has haal installed as npm would, its types alone. */
let project = ''

beforeAll(() => {
  project = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-types-')))
  const own = path.join(project, 'node_modules/haal')
  declare(path.join(own, 'dist/types'))
  fs.copyFileSync(path.join(root, 'package.json'), path.join(own, 'package.json'))
})

afterAll(() => fs.rmSync(project, { recursive: true, force: true }))

describe('what the package exports', () => {
  test('[U9] is these names and no others', async () => {
    expect(Object.keys(await libraryOf('index')).sort()).toEqual(['HaalError', 'createHaal'])
    expect(Object.keys(await libraryOf('agentos')).sort()).toEqual(['extensionManifest', 'personaSource', 'skillsDir'])
    const { exports } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
    expect(Object.keys(exports)).toEqual(['.', './agentos', './package.json'])
  })

  test('[U9] is one page, types included, made of the docstrings', () => {
    const types = path.join(project, 'node_modules/haal/dist/types')
    const page = fs.readFileSync(path.join(root, 'docs/library.md'), 'utf8')
    const names = ['index', 'agentos'].flatMap((entry) => exportsOf(path.join(types, `${entry}.d.ts`)))
    const headings = [...page.matchAll(/^### (\w+)$/gm)].map(([, name]) => name)
    expect(headings).toEqual(names.map(({ name }) => name))
    expect(page, 'run: npm run docs').toBe(libraryPage(types))
  })

  test('[U9] is declared on that page in whole declarations, which name nothing that is not on it', () => {
    const page = fs.readFileSync(path.join(root, 'docs/library.md'), 'utf8')
    const declarations = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, text]) => text)
    expect(complaints(`export {}\ndeclare namespace Page {\n${declarations.join('\n')}}\n`)).toBe('')
  })

  test('[U9] names no package in its types, nor anything of Node’s', () => {
    const folder = path.join(project, 'node_modules/haal/dist/types')
    const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.d.ts'))
    const strange = files.filter((file) => /from ['"](?!\.)/.test(fs.readFileSync(path.join(folder, file), 'utf8')))
    expect(strange).toEqual([])
  })
})

describe('types', () => {
  test('[U9] say what a program may give and what it gets, and refuse the rest', () => {
    const said = complaints(`
import { type Change, createHaal, type Haal, HaalError, type HaalOptions, type Outcome } from 'haal'

const options: HaalOptions = {
  cwd: '.',
  registries: [{ name: 'hub', location: 'acme/skills', ref: 'v3', token: process.env.TOKEN }],
  artifacts: { 'skill/review': '^1.0.0' },
  onEvent: (event) => event.type === 'progress' && event.done,
  ask: async (question) => question.kind === 'approve' && question.surface.length === 0,
  signal: AbortSignal.timeout(1000),
}
const haal: Haal = await createHaal(options)
const outcome: Outcome = await haal.install(['review', 'brief'], { dryRun: true, signal: AbortSignal.timeout(1) })
const changes: readonly Change[] = outcome.changes
const version: string | undefined = changes[0]?.to?.version
const modified: boolean | undefined = (await haal.list({ available: true })).artifacts[0]?.modified
const problem: 'missing' | 'changed' | 'added' | 'not-locked' | undefined = (await haal.verify()).problems[0]?.problem
await haal.registry.add('acme/skills', { name: 'x' })
try {
  await haal.rollback('review', { to: 3 })
} catch (e) {
  if (e instanceof HaalError && e.code === 'E_NO_GENERATION') console.log(e.exit, e.hint, e.details, version, modified, problem)
}

// @ts-expect-error no such option
await createHaal({ registry: 'x' })
// @ts-expect-error no such type of registry
await createHaal({ registryConfig: { registries: { a: { type: 'ftp', location: 'x' } } } })
// @ts-expect-error something has to be named
await haal.uninstall()
// @ts-expect-error no such flag
await haal.install('x', { frozn: true })
// @ts-expect-error no such code
export const never = (e: HaalError) => e.code === 'E_NOTHING'
`)
    expect(said).toBe('')
  })

  test.each([
    ['node16', { module: 'node16', moduleResolution: 'node16' }],
    ['nodenext', { module: 'nodenext', moduleResolution: 'nodenext' }],
    ['bundler', { module: 'esnext', moduleResolution: 'bundler' }],
  ])('[U9] are whole with %s, and with the DOM in place of Node’s types', (_, how) => {
    const program = `
import { createHaal, type Outcome } from 'haal'
import { personaSource } from 'haal/agentos'
export const outcome: Outcome = await (await createHaal({ cwd: await personaSource() })).install('x')
`
    expect(complaints(program, how)).toBe('')
    expect(complaints(program, { ...how, types: [], lib: ['es2022', 'dom'] })).toBe('')
  })

  needs('agentos')('[A30 U9] registryConfig is AgentOS’s own type, and the manifest is what AgentOS takes', () => {
    fs.mkdirSync(path.join(project, 'node_modules/@framers'), { recursive: true })
    fs.symlinkSync(agentos, path.join(project, 'node_modules/@framers/agentos'))
    const said = complaints(
      `
import { AgentOS } from '@framers/agentos'
import { type ExtensionManifest, ExtensionManager, type MultiRegistryConfig } from '@framers/agentos/extensions'
import { createHaal } from 'haal'
import { extensionManifest, personaSource, skillsDir } from 'haal/agentos'

const registryConfig: MultiRegistryConfig = {
  registries: { corp: { type: 'git', location: 'https://git.corp.com/x.git', branch: 'stable', token: 'x', verified: true } },
  defaultRegistries: { tool: 'corp' },
  resolver: (kind) => (kind === 'tool' ? 'corp' : null),
  cacheSettings: { enabled: true, directory: '/var/cache/agentos', maxAge: 1 },
}
await createHaal({ registryConfig })
const manifest: ExtensionManifest = await extensionManifest({ options: { 'tool/x': { loud: true } } })
new ExtensionManager({ manifest })
await AgentOS.create({ extensionManifest: await extensionManifest() })
export const folders: [string, string] = [await personaSource(), await skillsDir({ cwd: '.' })]
`,
      { module: 'esnext', moduleResolution: 'bundler', skipLibCheck: true },
    )
    expect(said).toBe('')
  })
})

/** What TypeScript says of a program in the project: strictly, and of the libraries with it unless told otherwise. */
function complaints(program: string, options: Record<string, unknown> = {}): string {
  fs.writeFileSync(path.join(project, 'program.ts'), program)
  fs.writeFileSync(
    path.join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        target: 'es2022',
        module: 'nodenext',
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
        types: ['node'],
        typeRoots: [path.join(root, 'node_modules/@types')],
        ...options,
      },
      files: ['program.ts'],
    }),
  )
  fs.writeFileSync(path.join(project, 'package.json'), '{ "type": "module" }')
  const compiler = path.join(root, 'node_modules/typescript/bin/tsc')
  return spawnSync(process.execPath, [compiler, '-p', project], { cwd: project, encoding: 'utf8' }).stdout
}
