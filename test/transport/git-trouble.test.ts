import { expect, test } from 'vitest'
import { told } from '../../src/transport/git/trouble.js'
import { bench } from './reach.js'

test('[U3] what ssh says on Windows lines is told without their ends', () => {
  const { reach } = bench({ via: 'git', url: 'git@git.corp.com:a/b.git' })
  const said = 'ssh: Could not resolve hostname git.corp.com\r\nfatal: Could not read from remote repository.\r\n'
  expect(told('unreachable', said, reach).message).toMatch(/: ssh: Could not resolve hostname git\.corp\.com$/)
})

test.each(['access', 'busy', 'damaged', 'redirect', 'host-key', 'certificate', 'unknown'] as const)(
  '[U3] what to do about trouble of the sort %s is told',
  (trouble) => {
    const { reach } = bench({ via: 'git', url: 'https://git.corp.com/a/b.git' })
    expect(told(trouble, 'fatal: so it is', reach).hint).toMatch(/\w/)
  },
)

test('[A6 U3] where access is refused, the variable that holds the token is told as that', () => {
  const { reach } = bench(
    { via: 'git', url: 'https://git.corp.com/a/b.git' },
    { registry: { token: { variable: 'CORP_GIT' } } },
  )
  expect(told('access', 'fatal: so it is', reach).hint).toMatch(/the token in CORP_GIT may read it/)
})
