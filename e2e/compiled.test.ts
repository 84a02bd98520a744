import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { skill, world } from './world/index.js'
import type { Run } from './world/run.js'

const root = path.resolve(import.meta.dirname, '..')
const folder = '.compiled'

interface Laid {
  /** Where it lies. */
  at: string
  haal: (line: string, env?: Record<string, string>) => Run
  /** Its exit status and all that it says. */
  said: (line: string, env?: Record<string, string>) => Promise<string>
}

/** A haal as npm lays it down, in a world with one skill. */
async function laidDown(): Promise<Laid> {
  const { root: place, project, node } = await world()
  await project.write({
    'team/skills/review/SKILL.md': skill('review'),
    'haal.json': '{"registries":[{"name":"team","location":"./team"}]}',
  })
  const at = place.at('package')
  for (const part of ['bin', 'dist', 'package.json'])
    fs.cpSync(path.join(root, part), path.join(at, part), { recursive: true })
  const haal: Laid['haal'] = (line, env = {}) => node([path.join(at, 'bin/haal.js'), ...line.split(' ')], { env })
  const said: Laid['said'] = async (line, env) => {
    const { exit, stdout, stderr } = await haal(line, env).outcome()
    return `${exit}: ${stdout}${stderr}`
  }
  return { at, haal, said }
}

/** What is kept of haal's files, name → bytes. */
function keptIn(at: string): Record<string, Buffer> {
  const kept = path.join(at, folder)
  const [version] = fs.existsSync(kept) ? fs.readdirSync(kept) : []
  if (version === undefined) return {}
  const all = fs.readdirSync(path.join(kept, version)).sort()
  const names = all.filter((name) => name.endsWith('.cjs'))
  return Object.fromEntries(names.map((name) => [name, fs.readFileSync(path.join(kept, version, name))]))
}

function spoil(at: string, change: (all: Buffer) => Buffer): void {
  const [version = ''] = fs.readdirSync(path.join(at, folder))
  for (const [name, all] of Object.entries(keptIn(at)))
    fs.writeFileSync(path.join(at, folder, version, name), change(Buffer.from(all)))
}

describe('what V8 made of haal', () => {
  test('[F1] it is kept beside haal, once, and nowhere else', async () => {
    const { at, haal, said } = await laidDown()
    expect(await said('install review')).toContain('0: ')
    expect(Object.keys(keptIn(at))).toEqual(expect.arrayContaining(['core.cjs', 'light.cjs', 'work.cjs']))
    const { stdout } = await haal('install').changesNothing()
    expect(stdout).toBe('nothing to do: skill/review is in place\n')
  })

  test('[F1] each command adds what it needs, once, and what was made of another text has nothing of the others', async () => {
    const { at, said } = await laidDown()
    const keptAfter = async (line: string) => {
      expect(await said(line)).toMatch(/^0: /)
      return keptIn(at)['light.cjs'] ?? Buffer.alloc(0)
    }
    const [listed, installed] = [await keptAfter('list'), await keptAfter('install review')]
    expect(installed.length).toBeGreaterThan(listed.length)
    for (const line of ['list', 'install']) expect((await keptAfter(line)).equals(installed), line).toBe(true)
    fs.appendFileSync(path.join(at, 'dist/light.cjs'), '\n')
    const anew = await keptAfter('list')
    expect(anew.length).toBeLessThan(installed.length)
    expect((await keptAfter('install')).length).toBeGreaterThan(anew.length)
  })

  test.each<[string, (all: Buffer) => Buffer]>([
    ['cut short', (all) => all.subarray(0, -1000)],
    ['empty', () => Buffer.alloc(0)],
    ['all zeros', (all) => all.fill(0)],
    ['zeros at its end', (all) => all.fill(0, all.length - 4096)],
    [
      'another byte in its middle',
      (all) => all.fill(all.readUInt8(all.length >> 1) ^ 0x55, all.length >> 1, (all.length >> 1) + 1),
    ],
  ])('[S5] where it is damaged (%s) haal runs as without it, and mends it', async (_, change) => {
    const { at, said } = await laidDown()
    const whole = await said('help errors')
    const names = Object.keys(keptIn(at))
    spoil(at, change)
    const damaged = keptIn(at)
    expect(await said('help errors')).toBe(whole)
    expect(Object.keys(keptIn(at))).toEqual(names)
    for (const name of names) expect(keptIn(at)[name]?.equals(damaged[name] ?? Buffer.alloc(0)), name).toBe(false)
  })

  test('[S5] what was made of another text of the same length is not taken', async () => {
    const { at, said } = await laidDown()
    expect(await said('list')).toContain('nothing is installed')
    for (const name of fs.readdirSync(path.join(at, 'dist')).filter((each) => each.endsWith('.cjs'))) {
      const file = path.join(at, 'dist', name)
      fs.writeFileSync(
        file,
        fs.readFileSync(file, 'latin1').replaceAll('nothing is installed', 'nothing is INSTALLED'),
        'latin1',
      )
    }
    expect(await said('list')).toContain('nothing is INSTALLED')
  })

  test('[F1] what was made under flags of Node gives way to what is made without, and not the other way round', async () => {
    const { at, said } = await laidDown()
    const flags = { NODE_OPTIONS: '--disallow-code-generation-from-strings' }
    const kept = async (env?: Record<string, string>) => {
      expect(await said('list', env)).toContain('0: ')
      return keptIn(at)
    }
    const [flagged, plain] = [await kept(flags), await kept()]
    for (const name of Object.keys(flagged))
      expect(plain[name]?.equals(flagged[name] ?? Buffer.alloc(0)), name).toBe(false)
    expect([await kept(flags), await kept()]).toEqual([plain, plain])
  })

  test.each([{ CI: 'true' }, { NODE_DISABLE_COMPILE_CACHE: '1' }])('[F1] with %j nothing is kept', async (env) => {
    const { at, said } = await laidDown()
    expect(await said('list', env)).toContain('0: ')
    expect(keptIn(at)).toEqual({})
  })

  test('[U8] where it cannot be written haal goes without', async () => {
    const { at, said } = await laidDown()
    fs.writeFileSync(path.join(at, folder), 'a file is in the way')
    const all = await said('install review')
    expect(all).toMatch(/^0: /)
    expect(all).not.toContain(folder)
    expect(fs.readFileSync(path.join(at, folder), 'utf8')).toBe('a file is in the way')
  })

  test('[U8] where a part of it cannot be written nothing half-made stays', async () => {
    const { at, said } = await laidDown()
    const whole = await said('list')
    const [version = ''] = fs.readdirSync(path.join(at, folder))
    const kept = path.join(at, folder, version)
    const names = Object.keys(keptIn(at))
    fs.rmSync(path.join(kept, 'core.cjs'))
    fs.mkdirSync(path.join(kept, 'core.cjs'))
    expect(await said('list')).toBe(whole)
    expect(fs.readdirSync(kept)).toEqual(names)
  })

  test.skipIf(process.getuid?.() !== 0)('[U8] root leaves nothing in the folder of another user', async () => {
    const { at, said } = await laidDown()
    fs.chownSync(at, 1, 1)
    expect(await said('install review')).toMatch(/^0: /)
    expect(keptIn(at)).toEqual({})
  })

  test('[U3] a command that fails keeps nothing: it ends at once', async () => {
    const { at, said } = await laidDown()
    expect(await said('install nowhere')).toContain('E_NOT_FOUND')
    expect(keptIn(at)).toEqual({})
  })
})
