import { describe, expect, test } from 'vitest'
import { choose, versionsOf } from '../../src/resolve/choose.js'
import { find } from '../../src/resolve/walk.js'
import { failure, type Stocked, shop } from './shop.js'

const at = (version?: string) => ({
  'skills/a/SKILL.md': `---\nname: a\ndescription: Does a.\n${version ? `version: ${version}\n` : ''}---\n${version}\n`,
  'skills/other/SKILL.md': '---\nname: other\ndescription: Another.\n---\n',
})

/** One registry, and what asking it for a range gives. */
function asking(stocked: Stocked) {
  const { config, shelves, shop: own } = shop({ one: stocked })
  return async (...ranges: string[]) => choose(await find({ name: 'a' }, config, shelves), ranges, own)
}

const tagged: Stocked = {
  files: at('1.2.0'),
  past: { r1: at('1.0.0'), r2: at('1.1.0'), beta: at('2.0.0-beta.1') },
  tags: { 'a@1.0.0': 'r1', 'a/v1.1.0': 'r2', 'a@2.0.0-beta.1': 'beta', 'other@9.0.0': 'r1', 'v7.0.0': 'r1' },
}

describe('which version is chosen', () => {
  test('[O26] without a range, what the registry has now', async () => {
    expect((await asking(tagged)()).revision.id).toBe('now')
    expect((await asking(tagged)('*')).revision.id).toBe('now')
  })

  const ranges: [range: string, revision: string][] = [
    ['^1.0.0', 'now'],
    ['~1.1.0', 'r2'],
    ['1.0.0', 'r1'],
    ['<1.2.0', 'r2'],
    ['>=2.0.0-alpha', 'beta'],
  ]

  test.each(ranges)('[O25 O26] the newest that satisfies %s is at %s', async (range, revision) => {
    expect((await asking(tagged)(range)).revision.id).toBe(revision)
  })

  test('[O26] a version that no tag names is found in the history of its path', async () => {
    const ask = asking({
      files: at('3.0.0'),
      past: { h1: at('2.0.0'), h2: at('2.0.0'), h3: at('1.0.0') },
      history: ['h1', 'h2', 'h3'],
    })
    expect((await ask('^2')).revision.id).toBe('h1')
    expect((await ask('^1')).revision.id).toBe('h3')
  })

  test('[O26 U3] versions of the past are among those there are, and how far was looked is told', async () => {
    const history = Array.from({ length: 201 }, (_, i) => `h${i}`)
    const past = Object.fromEntries(history.map((id, i) => [id, at(`2.0.${200 - i}`)]))
    const cut = await failure(asking({ files: at('3.0.0'), past, history })('^1'))
    expect(cut.message).toMatch(/it has 3\.0\.0, 2\.0\.200, .* as far as the last 200 commits of its path tell$/)
    expect(cut.hint).toBe(
      'take the newest: haal install skill/a@3.0.0, or an older one by its commit: skill/a@<commit>',
    )
    const whole = await failure(asking({ files: at('3.0.0'), past, history: ['h200'] })('^1'))
    expect(whole.message).toMatch(/: it has 3\.0\.0, 2\.0\.0$/)
  })

  test('[O25] a label that is no version satisfies no range, and is taken when it is named', async () => {
    const ask = asking({ files: at('v1.0') })
    expect((await failure(ask('^1'))).code).toBe('E_NO_VERSION')
    expect((await ask('v1.0')).revision.id).toBe('now')
  })

  test('[O19] a branch, tag or commit is the artifact as it was there', async () => {
    const chosen = await asking({ files: at('1.0.0'), past: { next: at('2.0.0') } })('next')
    expect([chosen.revision.id, chosen.ref]).toEqual(['next', 'next'])
    expect((await failure(asking({ files: at() })('nowhere'))).code).toBe('E_REF')
  })

  test('[S3 U5] none in range names those there are, and who else has the name', async () => {
    const { config, shelves, shop: own } = shop({ one: { files: at('1.0.0') }, two: { files: at('9.0.0') } })
    const { code, hint, message } = await failure(choose(await find({ name: 'a' }, config, shelves), ['^9'], own))
    expect(code).toBe('E_NO_VERSION')
    expect(message).toBe('one has skill/a, but not in version ^9: it has 1.0.0')
    expect(hint).toMatch(/haal install skill\/a@1\.0\.0; two has one of this name too, ask there with two:skill\/a/)
  })

  test('[O26] all versions there are, newest first', async () => {
    const { config, shelves, shop: own } = shop({ one: tagged })
    expect(await versionsOf(await find({ name: 'a' }, config, shelves), own)).toEqual([
      '2.0.0-beta.1',
      '1.2.0',
      '1.1.0',
      '1.0.0',
    ])
  })
})
