import { describe, expect, test } from 'vitest'
import { routeOf } from '../../src/resolve/route.js'
import { registry } from './shop.js'

const registries = ['one', 'two', 'three'].map((name) => registry(name))
const none = { registries, routes: [], defaultRegistries: {} }

describe('which registry answers for a kind', () => {
  test('[A28] where nothing is said, the ordered list decides', () => {
    expect(routeOf('skill', none)).toBeUndefined()
  })

  test('[A28 A29] a default registry answers for its kind, any kind, and for no other', () => {
    const config = { ...none, defaultRegistries: { tool: 'two', 'messaging-channel': 'three' } }
    expect(routeOf('tool', config)?.registry).toBe('two')
    expect(routeOf('messaging-channel', config)?.registry).toBe('three')
    expect(routeOf('skill', config)).toBeUndefined()
  })

  test('[A30] resolver overrides routes, routes override defaults', () => {
    const config = { ...none, routes: [{ kind: 'tool', registry: 'two' }], defaultRegistries: { tool: 'one' } }
    expect(routeOf('tool', config)?.registry).toBe('two')
    expect(routeOf('tool', { ...config, resolver: () => 'three' })?.registry).toBe('three')
  })

  test('[A30] a resolver that answers null falls through, then to the registry named default', () => {
    const resolver = (kind: string) => (kind === 'tool' ? 'two' : null)
    const withDefault = { ...none, registries: [...registries, registry('default')], resolver }
    expect(routeOf('skill', { ...none, resolver, defaultRegistries: { skill: 'one' } })?.registry).toBe('one')
    expect(routeOf('skill', withDefault)?.registry).toBe('default')
    expect(routeOf('skill', { ...none, resolver })).toBeUndefined()
  })

  test('[A30] so does a kind that no route and no default is for', () => {
    const withDefault = { ...none, registries: [...registries, registry('default')] }
    const route = { registry: 'default', reason: 'the registry named "default"' }
    expect(routeOf('skill', { ...withDefault, routes: [{ kind: 'tool', registry: 'two' }] })).toEqual(route)
    expect(routeOf('skill', { ...withDefault, defaultRegistries: { tool: 'two' } })).toEqual(route)
  })

  test('[A30] in a plain ordered list a registry named default is one like all others', () => {
    expect(routeOf('skill', { ...none, registries: [...registries, registry('default')] })).toBeUndefined()
  })

  test('[A30 U3] a resolver that fails is a configuration error with its own words', () => {
    const resolver = () => {
      throw new TypeError('kinds is not defined')
    }
    expect(() => routeOf('tool', { ...none, resolver })).toThrow(
      expect.objectContaining({ code: 'E_CONFIG', message: 'resolver("tool") failed: kinds is not defined' }),
    )
  })

  test('[A30 U3] a resolver that promises an answer is told, and what it promises harms nobody', async () => {
    const resolver = new Function('return Promise.reject(new Error("late"))') as () => null
    expect(() => routeOf('tool', { ...none, resolver })).toThrow(
      expect.objectContaining({
        code: 'E_CONFIG',
        message: 'resolver("tool") answered with a promise; a resolver answers at once',
      }),
    )
    await new Promise(setImmediate)
  })

  test('[A30] a resolver that names no registry is a configuration error', () => {
    expect(() => routeOf('tool', { ...none, resolver: () => 'four' })).toThrow(/"four", which is not a registry/)
  })

  test('[A31] a kind that is routed to nothing is an error that says so', () => {
    const attempt = () => routeOf('tool', { ...none, routes: [{ kind: 'tool', registry: '' }] })
    expect(attempt).toThrow(/tool is routed to no registry \(routes: tool\)/)
  })

  test('[A30] a route for every kind is the last word on those without their own', () => {
    const config = {
      ...none,
      routes: [
        { kind: 'tool', registry: 'one' },
        { kind: '*', registry: 'two' },
      ],
    }
    expect(['tool', 'skill', 'persona'].map((kind) => routeOf(kind, config)?.registry)).toEqual(['one', 'two', 'two'])
  })
})
