import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { nodeDisk } from '../../../src/io/disk.js'
import type { Context } from '../../../src/model/context.js'
import type { Disk } from '../../../src/model/disk.js'
import type { Locator, Registry } from '../../../src/model/registry.js'
import { hostHint, strangeHost } from '../../../src/operations/session/hosts.js'
import { doorOf } from '../../../src/operations/session/judge-registry.js'
import { openLearned } from '../../../src/operations/signing/seen-signatures.js'
import { merge } from '../../../src/policy/merge.js'

const share = '\\\\corp\\share\\registry'

/** A Windows whose disk tells which places were looked at. */
function windows({ root = 'C:\\project', env = {}, trusted = {} as Record<string, string[]> } = {}) {
  const looked: string[] = []
  const look = (at: string) => void looked.push(at)
  const disk: Disk = {
    ...nodeDisk(),
    real: look,
    stat: look,
    text: (at) =>
      path.basename(at) === 'trust.json' ? JSON.stringify({ trustVersion: 1, origins: trusted }) : look(at),
  }
  const ctx = { platform: 'win32', cwd: root, home: 'C:\\Users\\me', env, disk, now: () => new Date() } as Context
  return { looked, ground: { ctx, root, home: { data: 'C:\\haal', cache: 'C:\\haal\\cache' } } }
}

describe('a path on a share of another machine', () => {
  test('[S7] is strange, until the environment, haal trust or the project’s own place names that machine', () => {
    expect(strangeHost(share, windows().ground)).toBe('file://corp')
    expect(strangeHost(share, windows({ env: { HAAL_TRUSTED_ORIGINS: 'file://other,file://CORP' } }).ground)).toBe(
      undefined,
    )
    expect(strangeHost(share, windows({ trusted: { 'file://corp': [] } }).ground)).toBe(undefined)
    expect(strangeHost(share, windows({ root: '\\\\CORP\\home\\project' }).ground)).toBe(undefined)
    expect(strangeHost(share, windows({ root: '\\\\other\\home\\project' }).ground)).toBe('file://corp')
    expect(strangeHost('D:\\registry', windows().ground)).toBe(undefined)
  })

  test('[S7] is known where the project, the folder one works in, one’s own folder or haal’s lies on that machine', () => {
    const { ground } = windows()
    const own = '\\\\corp\\home'
    const grounds = [
      { ...ground, root: own },
      { ...ground, ctx: { ...ground.ctx, cwd: own } },
      { ...ground, ctx: { ...ground.ctx, home: own } },
      { ...ground, home: { ...ground.home, data: own } },
    ]
    expect(grounds.map((each) => strangeHost(share, each))).toEqual([undefined, undefined, undefined, undefined])
  })

  test('[S7 U3] that no origin names is not offered to be trusted, because what is told could not be done', () => {
    for (const place of ['\\\\corp@SSL\\DavWWWRoot\\x', '\\\\?\\GLOBALROOT\\Device\\Mup\\corp\\x'])
      expect(hostHint(strangeHost(place, windows().ground) ?? '')).toBe(
        'give the share a drive letter, and name the path by that',
      )
  })

  test('[S7] is not looked at where only a project names it, whatever the transport', () => {
    const { ground, looked } = windows()
    const nothing = () => undefined
    const door = doorOf({
      ground,
      primary: undefined,
      audit: { under: nothing, allowed: nothing, refused: nothing },
      policies: {
        policy: merge([]),
        isPrimaryKnown: true,
        notes: () => [],
        found: async () => undefined,
        demand: nothing,
        recheck: nothing,
        remember: nothing,
      },
      learned: openLearned(ground.ctx.disk, ground.home.data),
    })
    const registry = (at: Locator, author: Registry['author']): Registry => ({
      name: 'corp',
      at,
      author,
      written: '',
      source: '',
    })
    const refusal = expect.objectContaining({
      code: 'E_TRANSPORT',
      hint: 'if you know that machine: haal trust corp, or HAAL_TRUSTED_ORIGINS=file://corp',
    })
    for (const at of [{ via: 'file', path: share } as const, { via: 'git', url: share } as const]) {
      expect(() => door.admit(registry(at, 'project'))).toThrow(refusal)
      expect(() => door.admitPlace('corp', at)).toThrow(refusal)
    }
    expect(looked).not.toContain(share)
    door.admit(registry({ via: 'file', path: share }, 'person'))
    expect(looked).toContain(share)
  })
})
