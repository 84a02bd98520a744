import { readdirSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { digestOf } from '../../../src/model/digest.js'
import { HaalError } from '../../../src/model/errors.js'
import { withRegistryPolicy } from '../../../src/state/policy/policies.js'
import { at, deny, failure, json, machine, read, type World, world, write } from './world.js'

describe('[P4] [P05] a policy behind a URL', () => {
  const url = 'https://policy.corp.com/p.json'

  test('is read', async () => {
    const { layers } = await read(
      { environment: `${url}?v=1` },
      world({ web: { [`${url}?v=1`]: json(deny('hook/*')) } }),
    )
    expect(layers[0]?.source).toEqual({ layer: 'environment', from: url })
  })

  test('that is a web page is told as one, with what a server has to answer instead', async () => {
    const error = await failure(read({ environment: url }, world({ web: { [url]: '<!doctype html>' } })))
    expect(error).toMatchObject({ message: `policy ${url} is a web page`, hint: expect.stringContaining('404') })
  })

  const broken: [says: string, web: World['web']][] = [
    ['that answers 404 or not at all', {}],
    ['that is a web page', { [url]: '<!doctype html>' }],
    ['that is empty', { [url]: '' }],
    ['that redirects to http', { [url]: { redirect: 'http://policy.corp.com/p.json' } }],
    ['that redirects to a password', { [url]: { redirect: 'https://me:hunter2@policy.corp.com/p.json' } }],
  ]
  test.each(broken)('%s stops everything', async (_says, web) => {
    const error = await failure(read({ environment: url }, world(web === undefined ? {} : { web })))
    expect(error.code).toBe('E_POLICY_LOAD')
    expect(`${error.message}${error.hint}`).not.toContain('hunter2')
  })

  test('a failure of any sort stops everything', async () => {
    const reach = { ...world(), fetch: () => Promise.reject(new Error('socket hang up')) }
    expect((await failure(read({ environment: url }, reach))).code).toBe('E_POLICY_LOAD')
  })

  test('a person who stops haal is not told of a broken policy', async () => {
    const reach = { ...world(), fetch: () => Promise.reject(new HaalError('E_INTERRUPTED', 'stopped')) }
    expect((await failure(read({ environment: url }, reach))).code).toBe('E_INTERRUPTED')
  })

  const loopback = 'http://127.0.0.1:8080/p.json'
  const rows: [says: string, named: string, env: Record<string, string>, asked: boolean][] = [
    ['http', 'http://policy.corp.com/p.json', { HAAL_TRUSTED_ORIGINS: 'http://policy.corp.com' }, false],
    ['http on this machine', loopback, {}, false],
    [
      'http on this machine where the person trusts that origin',
      loopback,
      { HAAL_TRUSTED_ORIGINS: 'https://x, http://127.0.0.1:8080' },
      true,
    ],
    ['http on this machine where HAAL_POLICY is there', loopback, { HAAL_POLICY: loopback }, true],
    ['http on another port of this machine', loopback, { HAAL_TRUSTED_ORIGINS: 'http://127.0.0.1:9090' }, false],
    [
      'a host that looks like this machine',
      'http://127.0.0.1.evil.com/p.json',
      { HAAL_TRUSTED_ORIGINS: 'http://127.0.0.1.evil.com' },
      false,
    ],
    ['a password in the address', 'https://me:hunter2@policy.corp.com/p.json', {}, false],
  ]
  test.each(rows)('[S6] %s', async (_says, named, env, asked) => {
    const reach = world({ env, web: { [named]: json({}) } })
    if (asked) expect((await read({ project: named }, reach)).layers).toHaveLength(1)
    else {
      const error = await failure(read({ project: named }, reach))
      expect(error.code).toBe('E_POLICY_LOAD')
      expect(`${error.message}${error.hint}`).not.toContain('hunter2')
    }
    expect(reach.asked).toEqual(asked ? [named] : [])
  })

  test('[P2] a project cannot have a host asked that policy does not allow, not by a redirect either', async () => {
    write('etc/policy.json', { registries: { allow: [{ origin: 'https://git.corp.com' }] } })
    const web = {
      'https://git.corp.com/p.json': { redirect: 'https://evil.com/p.json' },
      'https://evil.com/p.json': json({}),
    }
    const reach = world({ web })
    expect((await failure(read({ project: 'https://evil.com/p.json' }, reach))).code).toBe('E_POLICY_REGISTRY')
    expect((await failure(read({ project: 'https://git.corp.com/p.json' }, reach))).code).toBe('E_POLICY_REGISTRY')
    expect(reach.asked).toEqual(['https://git.corp.com/p.json'])
  })

  const inner = 'https://10.0.0.1/p.json'
  const base = json({})
  const extending = { extends: [{ url: inner, integrity: digestOf(base) }] }
  const answers = { [inner]: base, [url]: json(extending), 'https://x/p.json': { redirect: inner } }
  const within = async (given: Parameters<typeof read>[0], more: World = {}) => {
    const reach = world({ web: answers, ...more })
    await read(given, reach)
    return reach.inside
  }

  test('[S6] leads to a private address where the project itself names that', async () => {
    expect(await within({ project: inner })).toEqual([inner])
    expect(await within({ project: write('project/p.json', extending) })).toEqual([inner])
  })

  test('[S6] a redirect, or what came from a URL, leads there only where the person or a policy names the origin', async () => {
    expect(await within({ project: 'https://x/p.json' })).not.toContain(inner)
    expect(await within({ project: url })).not.toContain(inner)
    const env = { HAAL_TRUSTED_ORIGINS: 'https://10.0.0.1' }
    expect(await within({ project: 'https://x/p.json' }, { env })).toContain(inner)
    const origins = [inner, url, 'https://x'].map((each) => ({ origin: new URL(each).origin }))
    write('etc/policy.json', { registries: { allow: origins } })
    expect(await within({ project: 'https://x/p.json' })).toContain(inner)
  })

  test('[S6] a registry’s policy leads there only where the person or a policy names the origin', async () => {
    const bytes = { from: 'https://x/policy.json', bytes: Buffer.from(json(extending)) }
    for (const [env, expected] of [
      [{}, []],
      [{ HAAL_TRUSTED_ORIGINS: 'https://10.0.0.1' }, [inner]],
    ] as const) {
      const reach = world({ env, web: answers })
      await withRegistryPolicy(await read({}, reach), bytes, { ...reach, home: at(`home-${expected.length}`) })
      expect(reach.inside).toEqual(expected)
    }
  })

  test('a person’s own policy may lie where registries may not', async () => {
    write('etc/policy.json', { registries: { allow: [{ origin: 'https://git.corp.com' }] } })
    expect((await read({ environment: url }, world({ web: { [url]: json({}) } }))).layers).toHaveLength(2)
  })
})

describe('[P1] [P4] a policy that builds on another', () => {
  const base = json({ contact: 'base@corp.com', ...deny('hook/*') })
  const url = 'https://policy.corp.com/base.json'
  const extending = (text = base, where = url) => ({
    extends: [{ url: where, integrity: digestOf(text) }],
    contact: 'team@corp.com',
  })

  test('has the rules of both, the other’s first', async () => {
    write('etc/policy.json', extending())
    const { layers } = await read({}, world({ web: { [url]: base } }))
    expect(layers.map(({ source }) => [source.from, source.contact])).toEqual([
      [url, 'base@corp.com'],
      [machine(), 'team@corp.com'],
    ])
  })

  test('passes its contact on to a base that has none', async () => {
    const plain = json({})
    write('etc/policy.json', extending(plain))
    expect((await read({}, world({ web: { [url]: plain } }))).layers[0]?.source.contact).toBe('team@corp.com')
  })

  test('is refused when the other’s bytes are not those that were pinned', async () => {
    write('etc/policy.json', extending())
    const error = await failure(read({}, world({ web: { [url]: `${base} ` } })))
    expect(error).toMatchObject({
      code: 'E_POLICY_LOAD',
      details: { expected: digestOf(base), actual: digestOf(`${base} `) },
    })
  })

  test('is refused when the other cannot be had', async () => {
    write('etc/policy.json', extending())
    expect((await failure(read({}, world()))).code).toBe('E_POLICY_LOAD')
  })

  test('asks for the other once, and works without a network afterwards', async () => {
    write('etc/policy.json', extending())
    const reach = world({ web: { [url]: base } })
    await read({}, reach)
    await read({}, reach)
    expect(reach.asked).toEqual([url])
    expect((await read({}, world())).layers).toHaveLength(2)
  })

  test('is not fooled by an edited copy of the other', async () => {
    write('etc/policy.json', extending())
    await read({}, world({ web: { [url]: base } }))
    const [kept = ''] = readdirSync(at('home/policies'))
    writeFileSync(at('home/policies', kept), json({}))
    expect((await failure(read({}, world()))).code).toBe('E_POLICY_LOAD')
    const again = await read({}, world({ web: { [url]: base } }))
    expect(again.layers[0]?.file.artifacts?.deny).toEqual(['hook/*'])
  })

  test('may stand on five others, not on more', async () => {
    const web: Record<string, string> = {}
    let top = json({ name: '0' })
    for (let i = 1; i <= 6; i += 1) {
      web[`https://x/${i}.json`] = top
      top = json({ name: `${i}`, extends: [{ url: `https://x/${i}.json`, integrity: digestOf(top) }] })
      write('etc/policy.json', top)
      if (i === 5) expect((await read({}, world({ web }))).layers).toHaveLength(6)
    }
    expect((await failure(read({}, world({ web })))).message).toContain('at most 5')
  })

  test('[P2] [O29] of a project or registry asks only hosts that policy allows', async () => {
    write('etc/policy.json', { registries: { allow: [{ origin: 'https://git.corp.com' }] } })
    const reach = world({ web: { 'https://evil.com/b.json': base, 'https://git.corp.com/b.json': base } })
    const project = write('project/p.json', extending(base, 'https://evil.com/b.json'))
    expect((await failure(read({ project }, reach))).code).toBe('E_POLICY_REGISTRY')
    const four = await read({}, reach)
    const from = 'https://git.corp.com/policy.json'
    const bad = { from, bytes: Buffer.from(json(extending(base, 'https://evil.com/b.json'))) }
    expect((await failure(withRegistryPolicy(four, bad, reach))).code).toBe('E_POLICY_REGISTRY')
    expect(reach.asked).toEqual([])
    const good = { from, bytes: Buffer.from(json(extending(base, 'https://git.corp.com/b.json'))) }
    expect((await withRegistryPolicy(four, good, reach)).layers).toHaveLength(3)
  })
})
