import { expect, test } from 'vitest'
import { isDigest } from '../../src/model/digest.js'

const good = `sha256-${'A'.repeat(43)}=`

test('[S5] a digest is what haal writes, and nothing around it', () => {
  expect(isDigest(good)).toBe(true)
  for (const text of [
    '',
    good.slice(1),
    `x${good}`,
    ` ${good}`,
    `${good}/../x`,
    `${good}\n`,
    good.replace('sha256', 'sha512'),
    good.replace('A=', '='),
    good.replace('AA=', 'A-='),
  ])
    expect(isDigest(text), text).toBe(false)
  for (const value of [undefined, null, 1, {}, [good]]) expect(isDigest(value)).toBe(false)
})
