import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HaalError } from '../../../src/model/errors.js'
import { merge } from '../../../src/policy/merge.js'
import { facts, lets, rules } from '../../policy/random.js'
import { at, folder, json, machine, read, use } from './world.js'

/** One way in which a file can come to harm, by numbers so that a failure can be repeated. */
const damages: Record<string, (file: string, where: number) => void> = {
  deleted: (file) => rmSync(file),
  emptied: (file) => writeFileSync(file, ''),
  'made a folder': (file) => {
    rmSync(file)
    mkdirSync(file)
  },
  'cut short': (file, where) => {
    const text = readFileSync(file)
    writeFileSync(file, text.subarray(0, where % text.length))
  },
  'one byte changed': (file, where) => {
    const text = readFileSync(file)
    text[where % text.length] = (text[where % text.length] ?? 0) ^ (1 << (where % 7))
    writeFileSync(file, text)
  },
  'one byte lost': (file, where) => {
    const text = readFileSync(file)
    const cut = where % text.length
    writeFileSync(file, Buffer.concat([text.subarray(0, cut), text.subarray(cut + 1)]))
  },
  'an older version put back': (file) => writeFileSync(file, json({ version: 4 })),
  'other rules under the same version': (file) => writeFileSync(file, json({ version: 5 })),
  'a version taken away': (file) => writeFileSync(file, json({})),
}

test('[P1] [P4] [P8] whatever happens to any policy file that was in force, nothing more passes', {
  timeout: 60_000,
}, async () => {
  const layered = fc.array(rules, { minLength: 4, maxLength: 4 })
  const harm = fc.record({ which: fc.nat(3), how: fc.constantFrom(...Object.keys(damages)), where: fc.nat(2000) })
  let refused = 0
  await fc.assert(
    fc.asyncProperty(layered, harm, facts, async (list, { which, how, where }, about) => {
      rmSync(folder, { recursive: true, force: true })
      for (const each of ['etc', 'home', 'project']) mkdirSync(at(each), { recursive: true })
      const files = [machine(), at('home/policy.json'), at('env.json'), at('project/p.json')]
      for (const [i, file] of files.entries()) writeFileSync(file, json({ version: 5, ...list[i] }))
      const named = { environment: at('env.json'), project: at('project/p.json') }
      const before = merge((await use(named)).layers)
      damages[how]?.(files[which] ?? '', where)
      const after = await read(named).catch((e: unknown) => {
        expect((e as HaalError).exit).toBe(5)
        refused += 1
      })
      if (after !== undefined) expect(lets(merge(after.layers), about) && !lets(before, about)).toBe(false)
    }),
    { numRuns: 150 },
  )
  expect(refused).toBeGreaterThan(100)
})
