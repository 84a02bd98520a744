import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { decodePolicy, policySchema } from '../../src/model/policy-file.js'

const page = readFileSync(new URL('../../docs/policy.md', import.meta.url), 'utf8')
const blocks = [...page.matchAll(/^( *)```json\n(.*?)^\1```/gms)].map(([, , text = '']) => text)
const policies = blocks.filter((text) => text.includes('"policyVersion"'))

test.each(policies.map((text) => [text.replace(/\s+/g, ' ').slice(0, 60), text]))(
  'an example of the page is a policy: %s',
  (_says, text) => {
    expect(decodePolicy(text, 'docs/policy.md', (path) => `/etc/haal/${path}`).policyVersion).toBe(1)
  },
)

test('the page has an example of every section', () => {
  const shown = policies.flatMap((text) => Object.keys(JSON.parse(text) as object))
  const sections = Object.keys(policySchema.entries).filter((key) => key !== '$schema')
  expect(sections.filter((key) => !shown.includes(key))).toEqual([])
})
