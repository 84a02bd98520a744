import { describe, expect, test } from 'vitest'
import { type Outcome, skill, world } from '../world/index.js'

/** The commands that an outcome says to run, word by word as a shell would read them. */
function commandsIn({ stdout, stderr }: Outcome): string[][] {
  const said = `${stdout}${stderr}`.matchAll(/(?<!\w)haal ((?:[^\s;,"[<]+|"[^"]*")(?: (?:[^\s;,"[<]+|"[^"]*"))*)/g)
  const words = (line: string) => (line.match(/"[^"]*"|\S+/g) ?? []).map((word) => word.replaceAll('"', ''))
  return [...said].map(([, line = '']) => words(line))
}

/** A project in a folder with a space in its name, in which every line below has something to say. */
async function ground(way: 'here' | '-C' | '--config' | '--global') {
  const { folder, haal, home, project } = await world()
  await folder('acme', { 'skills/a/SKILL.md': skill('a'), 'skills/b/SKILL.md': skill('b') })
  await folder('other', { 'skills/a/SKILL.md': skill('a'), 'skills/b/SKILL.md': skill('b') })
  const config = { registries: [{ name: 'acme', type: 'file', location: project.at('../folders/acme') }] }
  const places = { here: 'haal.json', '-C': 'sub dir/haal.json', '--config': 'my own.json', '--global': 'haal.json' }
  const place = way === '--global' ? home : project
  if (way !== 'here') await project.remove('haal.json')
  await place.write({ [places[way]]: config })
  const flags = { here: [], '-C': ['-C', 'sub dir'], '--config': ['--config', 'my own.json'], '--global': ['-g'] }[way]
  const run = (line: string) => haal([...flags, ...line.split(' ')])
  const moveRegistry = () => {
    const text = place.read(places[way]).replace('folders/acme', 'folders/other')
    return place.write({ [places[way]]: text })
  }
  const edit = () => (way === '-C' ? project.below('sub dir') : place).write({ '.haal/skills/a/SKILL.md': 'mine' })
  const again = flags.map((flag) => (flag === '-g' ? '--global' : flag))
  return { again, haal, run, moveRegistry, edit }
}

describe.each(['here', '-C', '--config', '--global'] as const)('what haal says to run, with %s', (way) => {
  test('[U3 L20] works where it is pasted, and works on the same project', async () => {
    const { again, haal, run, moveRegistry, edit } = await ground(way)
    const pasted = async (line: string, exit: number, commands: string[]) => {
      const done = await run(line).outcome()
      expect([line, done.exit, done.stderr]).toEqual([line, exit, expect.anything()])
      const said = commandsIn(done)
      expect(said).toEqual(commands.map((command) => [...again, ...command.split(' ')]))
      for (const words of said) expect([words, (await haal(words).outcome()).exit]).toEqual([words, 0])
    }
    await pasted('list', 0, ['list --available'])
    await pasted('install zzzz', 3, ['list --available'])
    await run('install a b').succeeds()
    await pasted('uninstall zzzz', 3, ['list'])
    await pasted('rollback --to 99', 3, ['history'])
    await run('pin b').succeeds()
    await pasted('update b', 0, ['unpin skill/b'])
    await edit()
    await pasted('verify', 9, ['diff', 'install --force'])
    await moveRegistry()
    await pasted('install', 2, ['update acme:*'])
  })
})

test('[U3] what an artifact says of itself is shown as its author wrote it', async () => {
  const { folder, haal } = await world()
  await folder('acme', { 'skills/a/SKILL.md': '---\nname: a\ndescription: Run haal install a to have it.\n---\n' })
  for (const line of ['-C . search a', '-C . info a'])
    expect((await haal(line).succeeds()).stdout).toContain('Run haal install a to have it.')
})

test('[U3 U5] a version that is not there leads to the same command without it', async () => {
  const { folder, haal } = await world()
  await folder('acme', { 'skills/a/SKILL.md': skill('a', 'v1', { version: '1.0.0' }) })
  const next = async (line: string) => {
    const { stderr } = await haal(line).fails('E_NO_VERSION', 3)
    return /hint: take the newest: haal ([^\n]*)\n/.exec(stderr)?.[1] ?? ''
  }
  for (const [command, rest] of [
    ['info', ''],
    ['copy', ' out/'],
    ['copy', ' tools --as mine'],
    ['install', ''],
  ]) {
    const line = await next(`${command} a@^3${rest}`)
    expect(line).toBe(`${command} skill/a@1.0.0${rest}`)
    await haal(line).succeeds()
  }
  await haal('uninstall a').succeeds()
  await haal('install a').succeeds()
  for (const command of ['diff', 'verify', 'why', 'uninstall']) {
    const { stderr } = await haal(`${command} a@7`).fails('E_NOT_INSTALLED', 3)
    expect(stderr).toContain(`hint: name it without a version: haal ${command} skill/a\n`)
    await haal(`${command} skill/a`).succeeds()
  }
})

test('[O19 O25 U3] what is no range is told with its artifact, who asks for it, and how a range is written', async () => {
  const { folder, haal, project } = await world()
  await folder('acme', { 'skills/a/SKILL.md': skill('a', 'v1', { version: '1.0.0' }), 'skills/b/SKILL.md': skill('b') })
  const told = async (line: string, { asks, range }: { asks: string; range: string }) => {
    const { stderr } = await haal(line).fails('E_REF', 3)
    expect(stderr).toContain('error: skill/a: registry "acme" is a plain folder, which has no branches')
    expect(stderr).toContain(`"${range}"${asks}\n`)
    expect(stderr).toContain('hint: a range is written ^1.2.0, ~1.2.0, 1.x or ">=1.2.0 <2.0.0"\n')
  }
  const wishes = project.json<{ registries: unknown }>('haal.json')
  for (const [entry, asks] of [
    [{ 'skill/a': '^1.o.0' }, 'haal.json asks for ^1.o.0'],
    [{ 'skill/*': '^1.o.0', 'skill/b': '*' }, 'haal.json asks for skill/*@^1.o.0'],
  ] as const) {
    await project.write({ 'haal.json': { ...wishes, artifacts: entry } })
    await told('install', { asks: `; ${asks}`, range: '^1.o.0' })
  }
  await project.write({ 'haal.json': wishes })
  for (const verb of ['install', 'info']) await told(`${verb} a@>=1.x.y.z`, { asks: '', range: '>=1.x.y.z' })
})

test('[O38 U3] whom policy asks for another haal is told how to get that', async () => {
  const { folder, haal, store } = await world()
  await folder('acme', { 'skills/a/SKILL.md': skill('a') })
  await store.write({ 'policy.json': { policyVersion: 1, haal: { min: '7.1.0', max: '7.x' } } })
  const { stderr } = await haal('install a').fails('E_POLICY_TOOL', 5)
  expect(stderr).toContain(
    'hint: take one that it asks for: npm install --global "haal@>=7.1.0 <=7.x"; or see every rule',
  )
})
