import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { nodeDisk } from '../../../src/io/disk.js'
import { HaalError } from '../../../src/model/errors.js'
import type { Ref } from '../../../src/model/kinds.js'
import type { Content } from '../../../src/model/plan.js'
import { readLock } from '../../../src/state/lockfile.js'
import { apply } from '../../../src/state/transaction/apply.js'
import { depot, type Files, faulty, locked, lockOf, planOf, siteAt, snapshot, temporaryFolder } from '../project.js'

const stock = depot()
const variants: readonly Files[] = [
  { 'SKILL.md': 'one' },
  { 'SKILL.md': 'two', 'deep/er/x.sh': ['x'] },
  { 'only.md': 'three', 'deep/y': '' },
]
const digests = await Promise.all(variants.map((files) => stock.take(files)))
afterAll(() => stock.remove())

/** Which variant lies at each of some places; some of them are folders of a namespace, one is a tool's. */
const places = ['.haal/skills/a', '.haal/skills/b', '.haal/skills/ns/c', '.haal/agents/d', '.claude/skills/a'] as const
const anyState = fc.record(
  Object.fromEntries(places.map((place) => [place, fc.option(fc.nat(variants.length - 1), { nil: undefined })])),
)
type Layout = Readonly<Record<string, number | undefined>>

function planFor(root: string, from: Layout, to: Layout) {
  const artifacts = Object.fromEntries(
    places.flatMap((place, index) => {
      const variant = to[place]
      const integrity = variant === undefined ? undefined : digests[variant]
      return integrity === undefined ? [] : [[`skill/x${index}` as Ref, locked(integrity)]]
    }),
  )
  const steps = places.flatMap((shown) => {
    const variant = to[shown]
    if (variant === from[shown]) return []
    const integrity = variant === undefined ? undefined : digests[variant]
    const after: Content = integrity === undefined ? { from: 'nothing' } : { from: 'store', integrity }
    return [{ shown, after }]
  })
  return planOf(root, lockOf(artifacts), steps)
}

function expected(layout: Layout): Record<string, string> {
  const files: Record<string, string> = {}
  for (const [place, variant] of Object.entries(layout))
    for (const [name, content] of Object.entries(variants[variant ?? -1] ?? {}))
      files[`${place}/${name}`] = typeof content === 'string' ? `- ${content}` : `x ${content[0]}`
  return files
}

/** Artifacts' files, and every folder that holds nothing. */
function found(root: string) {
  const all = Object.entries(snapshot(root)).filter(
    ([name]) => !name.startsWith('.haal/.state') && !/^haal\./.test(name),
  )
  const isEmpty = (folder: string) => fs.readdirSync(path.join(root, folder)).length === 0
  return {
    files: Object.fromEntries(all.filter(([name]) => !name.endsWith('/'))),
    empty: all.filter(([name]) => name.endsWith('/') && isEmpty(name)).map(([name]) => name),
  }
}

test('[L12 O35] whatever the old and the new state: apply makes the new one, and one that fails leaves the old', async () => {
  await fc.assert(
    fc.asyncProperty(anyState, anyState, fc.nat(60), async (from, to, nth) => {
      const root = temporaryFolder()
      const site = siteAt(root, stock)
      await apply(planFor(root, {}, from), site)
      expect(found(root)).toEqual({ files: expected(from), empty: [] })
      const old = snapshot(root)
      const full = (at: string) => new HaalError('E_DISK', `${at}: no space`)
      const disk = faulty(nodeDisk(), {
        before: ({ nth: now, path: at }) => {
          if (now === nth + 1) throw full(at)
        },
      })
      const plan = planFor(root, from, to)
      const failed = await apply(plan, siteAt(root, stock, { disk })).then(
        () => false,
        () => true,
      )
      if (failed) {
        expect(snapshot(root)).toEqual(old)
        await apply(plan, site)
      }
      expect(found(root)).toEqual({ files: expected(to), empty: [] })
      expect(readLock(nodeDisk(), site.lockFile)).toEqual(plan.to.lock)
      fs.rmSync(root, { recursive: true })
    }),
    { numRuns: 60 },
  )
})
