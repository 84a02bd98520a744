import { describe, expect, test } from 'vitest'
import { painter, wantsColours } from '../../src/ui/paint.js'

const yes = () => true
const no = () => false

describe('colours follow the environment', () => {
  test.each<[string, Record<string, string>, () => boolean, boolean]>([
    ['a terminal', {}, yes, true],
    ['a file or pipe', {}, no, false],
    ['NO_COLOR', { NO_COLOR: '1' }, yes, false],
    ['an empty NO_COLOR says nothing', { NO_COLOR: '' }, yes, true],
    ['TERM=dumb', { TERM: 'dumb' }, yes, false],
    ['FORCE_COLOR in a pipe', { FORCE_COLOR: '1' }, no, true],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, yes, false],
    ['FORCE_COLOR over NO_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, no, true],
  ])('[U2] %s', (_what, env, isTerminal, colours) => expect(wantsColours(env, isTerminal)).toBe(colours))
})

describe('paint', () => {
  test('[U2] without colours is the text alone', async () => {
    const { paint, finish } = await painter({ colours: false, width: 80, secrets: [], nonce: 'n' })
    expect(finish(paint.bold(`${paint.good('a')}${paint.bad('b')}`))).toBe('ab')
    expect(paint.width).toBe(80)
  })

  test('[U2] with colours may stand inside paint', async () => {
    const { paint, finish } = await painter({ colours: true, width: 80, secrets: [], nonce: 'n' })
    expect(finish(`${paint.bold(`x${paint.good('a')}y`)} ${paint.warn('w')}`)).toBe(
      '\u001b[1mx\u001b[22m\u001b[1m\u001b[32ma\u001b[39m\u001b[22m\u001b[1my\u001b[22m \u001b[33mw\u001b[39m',
    )
  })

  test('[U2] of nothing is nothing, so that no line ends in white space for it', async () => {
    const { paint } = await painter({ colours: true, width: 80, secrets: [], nonce: 'n' })
    expect(`reg  ${paint.warn('')}`.trimEnd()).toBe('reg')
  })
})
