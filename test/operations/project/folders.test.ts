import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { nodeDisk } from '../../../src/io/disk.js'
import type { Context } from '../../../src/model/context.js'
import { haalHome, rootOf } from '../../../src/operations/project/folders.js'

test.each<[string, NodeJS.Platform, Record<string, string>, { data: string; cache: string }]>([
  ['Linux', 'linux', {}, { data: '/home/ann/.local/share/haal', cache: '/home/ann/.cache/haal' }],
  [
    'Linux with XDG',
    'linux',
    { XDG_DATA_HOME: '/data', XDG_CACHE_HOME: '/cache' },
    { data: '/data/haal', cache: '/cache/haal' },
  ],
  [
    'Linux with a relative XDG folder',
    'linux',
    { XDG_DATA_HOME: 'data' },
    { data: '/home/ann/.local/share/haal', cache: '/home/ann/.cache/haal' },
  ],
  [
    'macOS',
    'darwin',
    {},
    { data: '/home/ann/Library/Application Support/haal', cache: '/home/ann/Library/Caches/haal' },
  ],
  ['Windows', 'win32', { LOCALAPPDATA: '/local' }, { data: '/local/haal/data', cache: '/local/haal/cache' }],
  [
    'Windows without LOCALAPPDATA',
    'win32',
    {},
    { data: '/home/ann/AppData/Local/haal/data', cache: '/home/ann/AppData/Local/haal/cache' },
  ],
  ['HAAL_HOME anywhere', 'win32', { HAAL_HOME: '/here' }, { data: '/here', cache: '/here/cache' }],
])('[U8] where haal keeps its own: %s', (_what, platform, env, expected) => {
  const { data, cache } = haalHome({ platform, env, home: '/home/ann' })
  expect({ data, cache }).toEqual(expected)
})

test.each(['haal.json', 'haal.yaml', '.haalrc', '.haalrc.yaml', '.config/haal.json', 'haal.lock', '.haal/x'])(
  '[U3] a command in a folder below finds the project that %s makes, and the nearest of two',
  (marker) => {
    const all = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-root-')))
    onTestFinished(() => fs.rmSync(all, { recursive: true }))
    const write = (file: string) => {
      fs.mkdirSync(path.dirname(path.join(all, file)), { recursive: true })
      fs.writeFileSync(path.join(all, file), '')
    }
    for (const file of ['haal.json', `project/${marker}`, 'project/src/deep/.gitkeep']) write(file)
    const context = { home: path.join(all, 'home'), disk: nodeDisk(), process: { pid: 1, host: '', boot: '', user: 0 } }
    const rootFrom = (cwd: string) => rootOf({ ...context, cwd: path.join(all, cwd) } as Context, {})
    expect([rootFrom('project/src/deep'), rootFrom('project')]).toEqual(Array(2).fill(path.join(all, 'project')))
    write('project/src/haal.yaml')
    expect(rootFrom('project/src/deep')).toBe(path.join(all, 'project/src'))
  },
)

describe.skipIf(process.platform === 'win32')('[S5] a folder where everybody may put things', () => {
  /** Such a folder with a file or folder in it, and a folder of the person's below it. */
  function shared(marker: string, owner: number) {
    const all = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-shared-')))
    onTestFinished(() => fs.rmSync(all, { recursive: true }))
    fs.chmodSync(all, 0o1777)
    const [own, home] = [path.join(all, 'own'), path.join(all, 'home')]
    for (const folder of [own, home, path.join(all, marker)]) fs.mkdirSync(folder)
    const disk = nodeDisk()
    const stat = (at: string) => {
      const found = disk.stat(at)
      if (found === undefined) return undefined
      const real = disk.real(at)
      return { ...found, owner: real === path.join(all, marker) ? owner : real === all ? 0 : 1000 }
    }
    const rootFrom = (cwd: string, user = 1000) =>
      rootOf({ cwd, home, disk: { ...disk, stat }, process: { pid: 1, host: '', boot: '', user } } as Context, {})
    return { all, own, rootFrom }
  }

  test.each(['haal.json', 'haal.lock', '.haal', '.git'])('%s of another user there makes no project', (marker) => {
    const { all, own, rootFrom } = shared(marker, 1001)
    expect(rootFrom(own)).toBe(own)
    expect(() => rootFrom(all)).toThrow(expect.objectContaining({ code: 'E_STATE_UNSAFE' }))
  })

  test.each([0, 1000])('what user %i, the person or the administrator, put there does', (owner) => {
    const { all, own, rootFrom } = shared('.haal', owner)
    expect([rootFrom(own), rootFrom(all)]).toEqual([all, all])
  })

  test('what the one who asks put there does, whoever owns their home', () => {
    const { all, own, rootFrom } = shared('.haal', 1001)
    expect([rootFrom(own, 1001), rootFrom(all, 1001)]).toEqual([all, all])
  })

  test('a link to it, as /tmp is one on macOS, is no way round', () => {
    const { all, own, rootFrom } = shared('haal.json', 1001)
    const link = `${all}-link`
    fs.symlinkSync(all, link)
    onTestFinished(() => fs.rmSync(link))
    expect(rootFrom(path.join(link, path.basename(own)))).toBe(path.join(link, path.basename(own)))
    expect(() => rootFrom(link)).toThrow(expect.objectContaining({ code: 'E_STATE_UNSAFE' }))
  })

  test('where nobody but its owner may remove things, whoever they belong to, what lies there does', () => {
    const { all, own, rootFrom } = shared('.haal', 1001)
    fs.chmodSync(all, 0o755)
    expect(rootFrom(own)).toBe(all)
  })
})
