import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Ref } from '../../src/model/kinds.js'
import { type ArtifactPattern, readArtifactPattern } from '../../src/model/policy-patterns.js'
import { rulesAbout } from '../../src/policy/about.js'
import { meansArtifact } from '../../src/policy/match.js'

const itself = (pattern: ArtifactPattern) => pattern

function patternsIn(texts: readonly string[]): ArtifactPattern[] {
  return texts.flatMap((text) => {
    const read = readArtifactPattern(text)
    return 'value' in read ? [read.value] : []
  })
}

test('no rule that means an artifact is left out, whichever way it is spelt, and their order stays', () => {
  const word = fc.string({
    unit: fc.constantFrom('a', 'A', 'b', 'ａ', 'ﬁ', 'é', 'e\u0301', '*', '/', '-'),
    minLength: 1,
    maxLength: 4,
  })
  const text = fc.oneof(
    word,
    word.map((name) => `skill/${name}`),
  )
  fc.assert(
    fc.property(fc.array(text, { maxLength: 8 }), word, word, word, (texts, name, id, other) => {
      const all = patternsIn(texts)
      const identity = { ref: `skill/${name}` as Ref, id, also: [`agent/${other}` as Ref] }
      const about = rulesAbout(all, itself, [identity])
      expect(all.filter((pattern) => about.includes(pattern))).toEqual(about)
      for (const sense of ['allows', 'forbids'] as const) {
        const means = (pattern: ArtifactPattern) => meansArtifact(pattern, identity, sense)
        expect(about.filter(means)).toEqual(all.filter(means))
      }
    }),
  )
})

test('a rule for the very bytes is about them', () => {
  const integrity = 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='
  const all = patternsIn(['skill/other', integrity])
  expect(rulesAbout(all, itself, [{ ref: 'skill/plan', integrity }]).map(({ text }) => text)).toEqual([integrity])
})

test('many rules are gone through once, however many artifacts are judged by them', () => {
  const all = patternsIn(Array.from({ length: 100 }, (_, i) => `skill/bad-${i}`))
  let looks = 0
  const counted = (pattern: ArtifactPattern) => {
    looks += 1
    return pattern
  }
  const about = Array.from({ length: 100 }, (_, i) => rulesAbout(all, counted, [{ ref: `skill/bad-${i}` }]))
  expect(about.map((some) => some.map(({ text }) => text))).toEqual(all.map(({ text }) => [text]))
  expect(looks).toBe(100)
})

test('rules with a star are about what begins as they do', () => {
  const all = patternsIn([...Array.from({ length: 100 }, (_, i) => `skill/bad-${i}x*`), 'skill/BAD-7*', '*-7x'])
  const about = rulesAbout(all, itself, [{ ref: 'skill/bad-7x' }])
  expect(about.map(({ text }) => text)).toEqual(['skill/bad-7x*', 'skill/BAD-7*', '*-7x'])
})
