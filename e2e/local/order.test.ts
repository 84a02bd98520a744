import { describe, expect, test } from 'vitest'
import { type Files, integrityOf, skill, sri, type World, world } from '../world/index.js'

const named = (name: string, body: string, at = 'skills'): Files => ({ [`${at}/${name}/SKILL.md`]: skill(name, body) })

/** OLAF's way: haal.json names the primary alone, whose own registries.json brings the secondaries. */
async function olaf(
  at: World,
  primary: Files,
  secondaries: Readonly<Record<string, Files>>,
  more: Record<string, object> = {},
) {
  for (const [name, files] of Object.entries(secondaries)) await at.folder(name, files, { listed: false })
  const listed = Object.keys(secondaries).map((name) => ({ name, url: `../../${name}`, ...more[name] }))
  return at.folder('primary', { ...primary, '.haal/registries.json': { registries: listed } })
}

interface Outcome {
  order: string[]
  changes: { artifact: string; registry: string }[]
  shadowed: { artifact: string; winner: string; losers: string[] }[]
}

describe('a primary and the secondaries that it lists', () => {
  test('[O10 O11] the primary is where registries.json lies, and its secondaries are used in the same run', async () => {
    const at = await world()
    await olaf(at, named('one', '1'), { second: named('two', '2'), third: named('three', '3') })
    await at.haal('install one two three').succeeds()
    expect(at.project.json('haal.lock')).toMatchObject({
      registries: { primary: {}, second: { listedBy: 'primary' }, third: { listedBy: 'primary' } },
    })
    await at.project.has({ '.haal/skills/three/SKILL.md': skill('three', '3') })
    await at.haal('install --frozen').succeeds()
  })

  test('[O10] registries.json may lie at the root, or in the project itself', async () => {
    const at = await world()
    await at.folder('second', named('two', '2'), { listed: false })
    const primary = await at.folder('primary', {
      ...named('one', '1'),
      'registries.json': [{ name: 'second', url: '../second' }],
    })
    await at.haal('install two').succeeds()
    await at.project.remove('haal.json', 'haal.lock', '.haal')
    await at.project.write({ '.haal/registries.json': [{ name: 'primary', url: `../${primary.location}` }] })
    await at.haal('install two').succeeds()
    await at.project.has({ '.haal/skills/two/SKILL.md': /2/ })
  })

  test('[O10 U6] where a primary lists others in both places, and otherwise, it is told which list counts', async () => {
    const at = await world()
    const primary = await olaf(at, named('one', '1'), { second: named('two', '2') })
    const list = '[{ "name": "third", "url": "../third" }]'
    await primary.write({ 'registries.json': list })
    const told =
      'primary lists registries in .haal/registries.json, and others in registries.json, which is not used [W_REGISTRY_LIST]'
    const { stderr } = await at.haal('install two').succeeds()
    expect(stderr).toContain(told)
    await primary.write({ 'registries.json': primary.read('.haal/registries.json') })
    expect((await at.haal('update').succeeds()).stderr).not.toContain('W_REGISTRY_LIST')
  })

  test('[O12] the order is last secondary … first secondary, primary', async () => {
    const at = await world()
    await olaf(at, named('one', '1'), { second: named('two', '2'), third: named('three', '3') })
    const { order } = await at.haal('install --all --dry-run').json<Outcome>()
    expect(order).toEqual(['third', 'second', 'primary'])
  })

  test('[O13 O15] the primary wins over a secondary that has the same name, and no file of the loser remains', async () => {
    const at = await world()
    const loser = { ...named('one', 'second'), 'skills/one/extra.md': 'more', 'skills/one/scripts/x.sh': 'x' }
    const primary = await olaf(at, named('one', 'primary'), { second: loser })
    await at.haal('install one').succeeds()
    expect(at.project.tree('.haal/skills/one')).toEqual(primary.tree('skills/one'))
  })

  test('[O15] an override that arrives later replaces the whole artifact', async () => {
    const at = await world()
    const primary = await olaf(at, named('other', 'x'), {
      second: { ...named('one', 'second'), 'skills/one/extra.md': 'more' },
    })
    await at.haal('install one').succeeds()
    await at.project.has({ '.haal/skills/one/extra.md': 'more' })
    await primary.write(named('one', 'primary'))
    await at.haal('update').succeeds()
    expect(at.project.tree('.haal/skills/one')).toEqual(primary.tree('skills/one'))
  })

  test('[O14] between secondaries the one that is listed earlier wins', async () => {
    const at = await world()
    await olaf(at, named('other', 'x'), { second: named('one', 'second'), third: named('one', 'third') })
    await at.haal('install one').succeeds()
    await at.project.has({ '.haal/skills/one/SKILL.md': /second/ })
  })

  test('[O21] a higher priority wins among secondaries, ties by order, and none beats the primary', async () => {
    const at = await world()
    const all = (body: string) => ({ ...named('a', body), ...named('b', body), ...named('c', body) })
    await olaf(
      at,
      named('c', 'primary'),
      { second: named('a', 'second'), third: { ...all('third') }, fourth: all('fourth') },
      { third: { priority: 5 }, fourth: { priority: 5 } },
    )
    const { order } = await at.haal('install a b c').json<Outcome>()
    expect(order).toEqual(['second', 'fourth', 'third', 'primary'])
    await at.project.has({
      '.haal/skills/a/SKILL.md': /third/,
      '.haal/skills/b/SKILL.md': /third/,
      '.haal/skills/c/SKILL.md': /primary/,
    })
  })

  test('[O16] overrides are reported, and why explains them later', async () => {
    const at = await world()
    await olaf(at, named('one', '1'), { second: named('one', '2'), third: named('one', '3') })
    const { shadowed } = await at.haal('install --dry-run one').json<Outcome>()
    expect(shadowed).toEqual([{ artifact: 'skill/one', winner: 'primary', losers: ['second', 'third'] }])
    const first = await at.haal('install one').succeeds()
    expect(first.stdout).toMatch(/skill\/one is primary's; second, third have one too/)
    const why = await at.haal('why one').succeeds()
    expect(why.stdout).toMatch(/skill\/one comes from primary: the primary registry has it/)
    expect(why.stdout).toMatch(/second, third/)
    expect(await at.haal('why one').json()).toMatchObject({ registry: 'primary', shadowed, requestedBy: ['haal.json'] })
  })

  test('[O16] why goes by the registry that haal.json names, whatever the order is', async () => {
    const at = await world()
    await at.folder('first', named('one', '1'))
    await at.folder('second', named('one', '2'))
    await at.haal('install second:skill/one').succeeds()
    const { stdout } = await at.haal('why one').succeeds()
    expect(stdout).toBe(
      'skill/one comes from second: asked for as second:\n  first has one of this name too, and was not asked\n  requested by haal.json\n',
    )
  })

  test('[O16 A32] why says who else has what a route or a default registry decides, where they can be asked', async () => {
    const at = await world()
    await at.folder('first', named('one', '1'))
    await at.folder('second', named('one', '2'))
    const { registries } = at.project.json<{ registries: object[] }>('haal.json')
    await at.project.write({ 'haal.json': { registries, defaultRegistries: { skill: 'second' } } })
    const { shadowed } = await at.haal('install one').json<Outcome>()
    expect(shadowed).toEqual([{ artifact: 'skill/one', winner: 'second', losers: ['first'] }])
    expect(await at.haal('why one').json()).toMatchObject({ reason: 'defaultRegistries.skill', shadowed })
    await at.root.remove('folders/first')
    expect(await at.haal('why one').json()).toMatchObject({ reason: 'defaultRegistries.skill', shadowed: [] })
  })

  test('[O16 U6] why says of a registry that has nothing to say what is the matter with it', async () => {
    const at = await world()
    const first = await at.folder('first', named('one', '1'))
    await at.haal('install one').succeeds()
    const reason = async () => (await at.haal('why one').json<{ reason: string }>()).reason
    await first.write({ 'skills/two/SKILL.md': skill('two') })
    await at.root.remove('folders/first/skills/one')
    expect(await reason()).toBe('haal.lock says so; first has it no more')
    await at.root.remove('folders/first')
    expect(await reason()).toBe('haal.lock says so; first does not answer')
    await at.store.write({ 'policy.json': { policyVersion: 1, registries: { allow: [{ npm: '@acme/*' }] } } })
    expect(await reason()).toBe('haal.lock says so; first was not asked')
  })

  test('[O16 U6] why names the registry that does not answer, not the one that the artifact came from', async () => {
    const at = await world()
    await at.folder('first', named('one', '1'))
    await at.folder('second', named('two', '1'))
    await at.haal('install two').succeeds()
    await at.root.remove('folders/first')
    expect(await at.haal('why two').json()).toMatchObject({ reason: 'haal.lock says so; first does not answer' })
  })

  test('[O11 O16 U6] why, registry ping and doctor name one of the primary’s own that does not answer', async () => {
    const at = await world()
    const primary = await olaf(at, named('one', '1'), { second: named('two', '2'), third: named('three', '3') })
    await at.haal('install two').succeeds()
    await at.haal('registry ping').succeeds()
    await at.root.remove('folders/third')
    expect(await at.haal('why two').json()).toMatchObject({ reason: 'haal.lock says so; third does not answer' })
    const pinged = await at.haal('registry ping').outcome()
    expect(pinged.exit).toBe(7)
    expect(pinged.stdout).toMatch(/^ok .*primary .*\nok .*second .*\ndown .*third .*there is no folder/)
    expect((await at.haal('doctor').outcome()).stdout).toMatch(/^bad .*registry third .*there is no folder/m)
    await at.haal('registry ping second').succeeds()
    expect((await at.haal('registry ping nobody').fails('E_NOT_FOUND', 3)).stderr).toContain('primary, second, third')
    await primary.write({ '.haal/registries.json': '{ "registries": [{ "name": "second" }] }' })
    expect((await at.haal('registry ping').outcome()).stdout).toMatch(/^down .*primary .*"second"\) has no location/)
  })

  test('[O12 O21] registry list has them in the order in which they are asked', async () => {
    const at = await world()
    for (const name of ['first', 'second', 'third']) await at.folder(name, named(name, '1'), { listed: false })
    for (const entry of [{ name: 'first' }, { name: 'second' }, { name: 'third', priority: 5 }])
      at.list({ ...entry, location: `../folders/${entry.name}` })
    const { registries } = await at.haal('registry list').json<{ registries: { name: string }[] }>()
    const { order } = await at.haal('install --all --dry-run').json<Outcome>()
    expect(registries.map(({ name }) => name)).toEqual(['first', 'third', 'second'])
    expect(order.toReversed()).toEqual(['first', 'third', 'second'])
  })

  test('[O17] one name in two kinds is no conflict', async () => {
    const at = await world()
    await olaf(at, named('one', '1'), { second: { 'agents/one.md': '---\nname: one\n---\n' } })
    await at.haal('install skill/one agent/one').succeeds()
    await at.project.has({ '.haal/skills/one/SKILL.md': /1/, '.haal/agents/one.md': /one/ })
  })

  test.each(['second:one', 'one@2.0.0'])('[O17 A20] %s leaves what has its name in another kind', async (asked) => {
    const at = await world()
    await at.folder('first', { 'agents/one.md': '---\nname: one\nversion: "1.0.0"\n---\n' })
    await at.folder('second', { 'skills/one/SKILL.md': skill('one', '2', { version: '2.0.0' }) })
    await at.haal('install agent/one').succeeds()
    if (asked === 'one@2.0.0') await at.root.remove('folders/first/agents')
    const { changes } = await at.haal(`install ${asked}`).json<Outcome>()
    expect(changes).toMatchObject([{ artifact: 'skill/one', action: 'add', registry: 'second' }])
    expect(Object.keys(at.project.json('haal.lock').artifacts as object)).toEqual(['agent/one', 'skill/one'])
  })

  test('[O17 A20] a version behind a name leaves what a pattern has brought of that name in another kind', async () => {
    const at = await world()
    await at.folder('first', { 'agents/one.md': '---\nname: one\nversion: "1.0.0"\n---\n' })
    await at.folder('second', { 'skills/one/SKILL.md': skill('one', '2', { version: '2.0.0' }) })
    await at.haal('install second:skill/*').succeeds()
    await at.haal('install one@^1.0.0').succeeds()
    expect(Object.keys(at.project.json('haal.lock').artifacts as object)).toEqual(['agent/one', 'skill/one'])
  })

  test("[O23] a secondary's own list is not followed, and a registry that lists itself ends", async () => {
    const at = await world()
    await at.folder('deep', named('deep', 'x'), { listed: false })
    await olaf(at, named('one', '1'), {
      second: {
        ...named('two', '2'),
        'registries.json': [
          { name: 'deep', url: '../deep' },
          { name: 'self', url: '.' },
        ],
      },
      primary: {},
    })
    await at.haal('install two').succeeds()
    await at.haal('install deep').fails('E_NOT_FOUND', 3)
  })
})

describe('entries of a list', () => {
  test('[O18] name and url suffice; two of one name are an error', async () => {
    const at = await world()
    await at.folder('second', named('two', '2'), { listed: false })
    const primary = await at.folder('primary', { 'registries.json': [{ name: 'second', url: '../second' }] })
    await at.haal('install two').succeeds()
    await primary.write({
      'registries.json': [
        { name: 'x', url: '../second' },
        { name: 'x', url: '../other' },
      ],
    })
    expect((await at.haal('install --refresh zzz').fails('E_CONFIG', 2)).stderr).toMatch(/two registries named "x"/)
  })

  test('[O18 O23] a secondary under a name that haal.json gives to another is left out, and that is told', async () => {
    const at = await world()
    await at.folder('other', named('two', '2'), { listed: false })
    const primary = await at.folder('primary', {
      ...named('one', '1'),
      'registries.json': [{ name: 'primary', url: '../other' }],
    })
    const { stderr } = await at.haal('install one').succeeds()
    expect(stderr).toMatch(/registries\[0\] names .*other "primary", which is another one here.*W_REGISTRY_NAME/)
    await primary.write({ 'registries.json': [{ name: 'primary', url: '.' }] })
    expect((await at.haal('install --refresh one').succeeds()).stderr).not.toMatch(/W_REGISTRY_NAME/)
  })

  test('[O18] two entries of one name in haal.json are an error, too', async () => {
    const at = await world()
    await at.folder('acme', named('one', '1'))
    at.list({ name: 'acme', location: '../folders/other' })
    await at.haal('install one').fails('E_CONFIG', 2)
  })

  test('[O20] a checksum that does not match fails before anything changes and shows both digests', async () => {
    const at = await world()
    const files = named('one', '1')
    const right = integrityOf(files)
    await at.folder('acme', files, { entry: { checksum: sri('something else') } })
    const { stderr } = await at.haal('install one').fails('E_CHECKSUM', 6)
    expect(stderr).toContain(right)
    expect(stderr).toContain(sri('something else'))
    await at.project.write({
      'haal.json': { registries: [{ name: 'acme', location: '../folders/acme', checksum: right }] },
    })
    await at.haal('install one').succeeds()
  })

  test('[O20] the checksum of an archive is that of its file, of an index that of the index', async () => {
    const at = await world()
    const index = JSON.stringify({
      extensions: { curated: [] },
      skills: { own: [{ name: 'one', path: 'skills/one' }] },
    })
    const file = await at.archive('packed', named('two', '2'))
    const bytes = (await import('node:fs')).readFileSync(file)
    at.list({ name: 'packed', location: '../folders/packed.tgz', checksum: sri(bytes) })
    await at.folder('indexed', { ...named('one', '1'), 'registry.json': index }, { entry: { checksum: sri(index) } })
    await at.haal('install one two').succeeds()
  })

  test('[S3] the first registry that has the name owns it for all versions', async () => {
    const at = await world()
    await at.folder('first', { 'skills/x/SKILL.md': skill('x', 'first', { version: '1.0.0' }) })
    await at.folder('second', { 'skills/x/SKILL.md': skill('x', 'second', { version: '99.0.0' }) })
    const { changes } = await at.haal('install x').json<Outcome>()
    expect(changes).toMatchObject([{ artifact: 'skill/x', registry: 'first', to: { version: '1.0.0' } }])
    const { stderr } = await at.haal('install x@^99').fails('E_NO_VERSION', 3)
    expect(stderr).toMatch(/first has skill\/x, but not in version \^99: it has 1\.0\.0/)
  })

  test('[S3] a registry that is not there does not let a later one answer in its name', async () => {
    const at = await world()
    at.list({ name: 'first', location: '../folders/gone' })
    await at.folder('second', named('x', 'second'))
    expect((await at.haal('install x').fails('E_REGISTRY_UNAVAILABLE', 7)).stderr).toMatch(/"first"/)
    await at.haal('install x --allow-missing').fails('E_REGISTRY_UNAVAILABLE', 7)
  })
})
