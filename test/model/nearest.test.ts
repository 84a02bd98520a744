import { describe, expect, test } from 'vitest'
import { nearest } from '../../src/model/nearest.js'

const commands = ['install', 'uninstall', 'list', 'info', 'why', 'verify', 'search', 'policy show']

describe('a misspelt word finds the nearest', () => {
  test.each([
    ['instal', 'install'],
    ['isntall', 'install'],
    ['INSTALL', 'install'],
    ['lst', 'list'],
    ['verfy', 'verify'],
    ['policy shwo', 'policy show'],
    ['hwy', 'why'],
  ])('[U5] %s means %s', (said, meant) => expect(nearest(said, commands)).toBe(meant))

  test.each([
    ['sea', 'search'],
    ['Policy', 'policy show'],
    ['uninst', 'uninstall'],
  ])('[U5] %s is the beginning of %s alone', (said, meant) => expect(nearest(said, commands)).toBe(meant))

  test('[U5] what is begun goes before what is as near', () => {
    expect(nearest('froz', ['from', 'force', 'frozen'])).toBe('frozen')
    expect(nearest('fro', ['from', 'frozen'])).toBe('from')
  })

  test.each(['frobnicate', 'x', 'zzzz', ''])('[U5] %j means none of them', (said) => {
    expect(nearest(said, commands)).toBeUndefined()
  })

  test.each(['', '-', 'x'])('[U5] nothing is near to %j, which has no letter right', (said) => {
    expect(nearest(said, ['i', 'ls'])).toBeUndefined()
  })

  test('[U5] of two that are as near, the first is taken', () => {
    expect(nearest('lisp', ['list', 'lisa'])).toBe('list')
  })
})
