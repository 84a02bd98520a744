import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { documentOf, type Files, heldBy, needs, skill, type World, world } from '../world/index.js'

const many: Files = Object.fromEntries(
  Array.from({ length: 60 }, (_, number) => [`skills/s${number}/SKILL.md`, skill(`s${number}`)]),
)

/** Sends a signal as soon as the command holds the project. */
async function stopped(made: World, signal: NodeJS.Signals, line: string) {
  const { project, haal } = made
  const child = haal(line).child()
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (bytes: Buffer) => said.push(bytes))
  const closed = once(child, 'close')
  await heldBy(project.path)
  child.kill(signal)
  const [exit] = await closed
  return { exit, said: Buffer.concat(said).toString() }
}

const debris = (made: World) =>
  Object.keys(made.project.tree()).filter((file) => /\.haal-(new|old|own)-|journal|\.tmp$|mutex\/./.test(file))

describe('a signal', () => {
  for (const [signal, status] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    test(`[O35] ${signal} undoes what was begun, says so, and exits ${status}`, async () => {
      const made = await world()
      await made.folder('acme', many)
      await made.haal('install s1').succeeds()
      const before = made.project.tree()
      const { exit, said } = await stopped(made, signal, 'install skill/*')
      expect(said).toMatch(/stopped[\s\S]*code: E_INTERRUPTED/)
      expect(exit).toBe(status)
      expect(debris(made)).toEqual([])
      expect(without(made.project.tree())).toEqual(without(before))
      await made.haal('verify').succeeds()
      await made.haal('install skill/*').succeeds()
      await made.haal('verify').succeeds()
    })

  test('[O35] twice ends it at once, and the next command mends', async () => {
    const made = await world()
    await made.folder('acme', many)
    await made.haal('install s1').succeeds()
    const child = made.haal('install skill/*').child()
    const closed = once(child, 'close')
    await heldBy(made.project.path)
    child.kill('SIGINT')
    child.kill('SIGINT')
    const [exit, signal] = await closed
    expect([exit, signal]).toEqual([130, null])
    await made.haal('verify').succeeds()
    expect(debris(made)).toEqual([])
    await made.haal('install skill/*').succeeds()
    await made.haal('verify').succeeds()
  })
})

/** What a command that was undone may touch: the names for completion, what has been seen. */
function without(tree: Record<string, string>) {
  return Object.fromEntries(Object.entries(tree).filter(([file]) => !/\.haal\/\.state\/(names|seen)$/.test(file)))
}

needs('sh')('a closed stdout is no reason to leave half a state: the command is done', async () => {
  const made = await world()
  await made.folder('acme', many)
  const child = made.haal('install skill/*').child()
  child.stdout?.destroy()
  await once(child, 'close')
  await made.haal('verify').succeeds()
  expect(debris(made)).toEqual([])
  const { artifacts } = await made.haal('list --json').json<{ artifacts: unknown[] }>()
  expect(artifacts).toHaveLength(60)
})

describe('two commands at once', () => {
  test('[L13] one waits for the other, or says who holds the project and exits 8 (X01)', async () => {
    const made = await world()
    await made.folder('acme', many)
    await made.haal('install s1').succeeds()
    const runs = Array.from({ length: 8 }, (_, number) => made.haal(`install s${number + 2} --json --wait 60`))
    const done = await Promise.all(runs.map((run) => run.outcome()))
    expect(done.map(({ exit }) => exit)).toEqual(Array.from({ length: 8 }, () => 0))
    const numbers = done.map((each) => (documentOf(each).result as { generation: number }).generation).sort()
    expect(numbers).toEqual([2, 3, 4, 5, 6, 7, 8, 9])
    await made.haal('verify').succeeds()
  })

  test('[L13] a holder that does not let go is named, with its command and process', async () => {
    const made = await world()
    await made.folder('acme', many)
    await made.haal('install s1').succeeds()
    const holder = made.haal('install skill/*').child()
    await heldBy(made.project.path)
    holder.kill('SIGSTOP')
    const { stderr } = await made.haal('uninstall s1 --wait 0').fails('E_BUSY', 8, { writes: 'anything' })
    expect(stderr).toContain(`process ${holder.pid}`)
    expect(stderr).toMatch(/"install"[\s\S]*--wait/)
    const closed = once(holder, 'close')
    holder.kill('SIGKILL')
    await closed
    await made.haal('uninstall s1').succeeds()
    await made.haal('verify').succeeds()
  })

  test('[L14] two projects share one store at once', async () => {
    const made = await world()
    const acme = await made.folder('acme', many)
    const config = { registries: [{ name: 'acme', type: 'file', location: acme.path }] }
    await made.root.write({ 'other/haal.json': config })
    const both = ['install skill/*', 'install skill/* --cwd ../other'].map((line) => made.haal(line).succeeds())
    await Promise.all(both)
    await made.haal('verify').succeeds()
    await made.haal('verify --cwd ../other').succeeds()
    expect(made.root.tree('other/.haal/skills')).toEqual(made.project.tree('.haal/skills'))
    expect(Object.keys(made.store.tree('projects'))).toHaveLength(2)
  })
})
