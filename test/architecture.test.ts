import path from 'node:path'
import { describe, expect, test } from 'vitest'
import * as rules from './architecture/rules.js'
import { blanked, source, sourcesIn } from './architecture/sources.js'

const root = path.resolve(import.meta.dirname, '..')
const house = sourcesIn(path.join(root, 'src'))
const around = ['test', 'e2e', 'bench', 'scripts'].flatMap((folder) =>
  sourcesIn(path.join(root, folder)).map(({ path: at, text }) => source(`../${folder}/${at}`, text)),
)

describe('the house', () => {
  test('imports only what stands to its right', () => {
    expect(rules.layerViolations(house)).toEqual([])
  })

  test('imports from a floor of operations only what lies below it', () => {
    expect(rules.floorViolations(house)).toEqual([])
  })

  test('has no import cycle', () => {
    expect(rules.cycles(house)).toEqual([])
  })

  test('touches disk, network, clock, chance and process at its edges only', () => {
    expect(rules.worldViolations(house)).toEqual([])
  })

  test('loads heavy packages only where they are needed', () => {
    expect(rules.heavyViolations(house)).toEqual([])
  })

  test('exports nothing that nobody uses', () => {
    expect(rules.unusedExports(house, around)).toEqual([])
  })

  test('has no file over 300 lines', () => {
    expect(rules.longFiles(house)).toEqual([])
  })

  test('has no function over 40 lines', () => {
    expect(rules.longFunctions(house)).toEqual([])
  })
})

describe('the rules', () => {
  const modules = (files: Record<string, string>) => Object.entries(files).map(([at, text]) => source(at, text))

  test('see an import to the left, of a type too, and a room without a row', () => {
    const found = rules.layerViolations(
      modules({
        'model/a.ts': `import type { B } from '../state/b.js'`,
        'commands/c.ts': `import { d } from '../operations/d.js'\nconst e = await import('../ui/e.js')`,
        'attic/f.ts': '',
      }),
    )
    expect(found).toEqual([
      'model/a.ts imports state/b.ts',
      'commands/c.ts imports ui/e.ts',
      'attic/f.ts: no row of the table says what attic may import',
    ])
  })

  test('see a floor of operations that imports one above it, or a command, and one without a row', () => {
    const found = rules.floorViolations(
      modules({
        'operations/copy.ts': `import { a } from './change/a.js'\nimport { b } from './copy/b.js'`,
        'operations/copy/b.ts': `import { c } from '../search.js'`,
        'operations/project/d.ts': `import type { E } from '../session/e.js'\nimport { s } from '../signing/s.js'`,
        'operations/change/a.ts': `import { copy } from '../copy.js'\nimport { d } from '../project/d.js'`,
        'operations/attic/f.ts': '',
      }),
    )
    expect(found).toEqual([
      'operations/project/d.ts imports operations/session/e.ts',
      'operations/change/a.ts imports operations/copy.ts',
      'operations/attic/f.ts: neither a command nor a floor is called attic',
    ])
  })

  test('see the world inside the house', () => {
    const inside = [
      `import fs from 'node:fs'`,
      `import { readFile } from 'node:fs/promises'`,
      `export { request } from 'node:http'`,
      `const dns = await import('node:dns')`,
      'const at = Date.now()',
      'const at = new Date()',
      'const dice = Math.random()',
      `const home = process.env.HOME`,
      `const answer = await fetch(url)`,
      `console.log(1)`,
    ]
    for (const line of inside) expect(rules.worldViolations([source('plan/a.ts', line)]), line).toHaveLength(1)
    for (const line of inside) expect(rules.worldViolations([source('io/a.ts', line)]), line).toEqual([])
  })

  test('leave alone what only looks like the world', () => {
    const inside = [
      'const pid = ctx.process.pid',
      'const answer = await ctx.fetch(url)',
      'const { fetch } = ctx\nconst answer = await fetch(url)',
      'interface Reach {\n  fetch(url: string): Promise<void>\n}',
      'const at = new Date(text)',
      '// Date.now() is for the edge',
      `const text = 'process.env'`,
      'const text = `fetch(${url}) process.env`',
      'const pattern = /console.log(`/',
      `import path from 'node:path'`,
      'interface A { process: { pid: number } }',
    ]
    for (const line of inside) expect(rules.worldViolations([source('plan/a.ts', line)]), line).toEqual([])
  })

  test('see a cycle, of types too, once', () => {
    const found = rules.cycles(
      modules({
        'model/b.ts': `import { c } from './c.js'`,
        'model/c.ts': `import {\n  type A,\n  other,\n} from './a.js'`,
        'model/a.ts': `import type { B } from './b.js'`,
        'model/d.ts': `import { a } from './a.js'`,
      }),
    )
    expect(found).toEqual(['model/a.ts → model/b.ts → model/c.ts → model/a.ts'])
  })

  test('see an unused export, of a type too', () => {
    const files = modules({
      'model/a.ts':
        'export const one = 1\nexport function two() {}\nexport interface Three {}\nexport { four as five }',
      'model/b.ts': `import { one, type Three as T } from './a.js'`,
    })
    expect(rules.unusedExports(files)).toEqual(['model/a.ts: nothing uses two', 'model/a.ts: nothing uses five'])
  })

  test('count what a whole-module import names, and an export of an entry', () => {
    const files = modules({
      'model/a.ts': 'export const one = 1\nexport const two = 2',
      'model/b.ts': `const { one } = await import('./a.js')`,
      'index.ts': 'export const three = 3',
    })
    expect(rules.unusedExports(files)).toEqual(['model/a.ts: nothing uses two'])
  })

  test('count a test as a user only of what the module itself uses', () => {
    const files = modules({ 'model/a.ts': 'export const one = 1\nexport const two = one' })
    const tests = [source('../test/model/a.test.ts', `import { one, two } from '../../src/model/a.js'`)]
    expect(rules.unusedExports(files, tests)).toEqual(['model/a.ts: nothing uses two'])
  })

  test('see a heavy package that loads at start, and none that is loaded later', () => {
    const files = modules({
      'io/a.ts': `import { parse } from 'yaml'`,
      'io/b.ts': `const { parse } = await import('yaml')\nimport type { Document } from 'yaml'`,
    })
    expect(rules.heavyViolations(files)).toEqual(['io/a.ts loads yaml at start'])
  })

  test('see a long file and a long function', () => {
    const body = `export function long() {\n${'  x()\n'.repeat(300)}}\n`
    const [file] = [source('model/a.ts', body)]
    expect(rules.longFiles([file])).toEqual(['model/a.ts has 302 lines'])
    expect(rules.longFunctions([file])).toEqual(['model/a.ts: long has 302 lines'])
    const written = source('model/b.ts', `function text() {\n  return \`\n${'x\n'.repeat(300)}\`\n}\n`)
    expect(rules.longFunctions([written])).toEqual([])
  })

  test('read code as code: comments, strings, templates and patterns are blank', () => {
    expect(blanked(`a // b`)).toBe('a     ')
    expect(blanked(`'it' + "x"`)).toBe(`'  ' + " "`)
    expect(blanked('`a${ b(`c`) }d` + e')).toBe('`  { b(` `) } ` + e')
    expect(blanked('x = /[/"]\\// + y')).toBe('x = /      / + y')
    expect(blanked('a / b / c')).toBe('a / b / c')
  })
})
