import { expect, test } from 'vitest'
import { world } from '../world/index.js'

/** Many, each as carefully looked at as if it were alone. */
const count = 260
const rules = Array.from({ length: count }, (_, i) => `rules/r${i}.md`)

async function large() {
  const at = await world()
  await at.folder('acme', Object.fromEntries(rules.map((file) => [file, `# ${file}\n`])))
  await at.haal('install --all').succeeds()
  return at
}

test('[L7 F1] a large project that is as locked is left alone, with as many words as a small one', async () => {
  const { haal } = await large()
  const { stdout } = await haal('install').changesNothing()
  expect(stdout).toMatch(new RegExp(`${count}`))
  expect((await haal('install').json<{ changes: unknown[] }>()).changes).toHaveLength(count)
})

test('[L7 F1] an artifact that is gone comes back, in a large project too', async () => {
  const { haal, project } = await large()
  await project.remove('.haal/rules/r7.md')
  await haal('install').succeeds()
  await project.has({ '.haal/rules/r7.md': /rules\/r7/ })
})

test('[L7 F1] what a person adds beside the artifacts of a large project is left alone', async () => {
  const { haal, project } = await large()
  await project.write({ '.haal/rules/mine.md': 'mine\n' })
  await haal('install').changesNothing()
})

test('[L7 P1 F1] a policy that came since then is judged by', async () => {
  const { haal, store } = await large()
  await haal('install').changesNothing()
  await store.write({ 'policy.json': { policyVersion: 1, artifacts: { deny: ['rule/r7'] } } })
  await haal('install').fails('E_POLICY_ARTIFACT', 5)
})

test('[L7 P1 T1 F1] a policy and tools that haal.json names since then are seen to', async () => {
  const { haal, project } = await large()
  const asked = project.json<object>('haal.json')
  await project.write({
    'p.json': { policyVersion: 1, artifacts: { deny: ['rule/r7'] } },
    'haal.json': { ...asked, policy: './p.json' },
  })
  await haal('install').fails('E_POLICY_ARTIFACT', 5)
  await project.write({ 'haal.json': { ...asked, targets: ['claude'] } })
  await haal('install').succeeds()
  await project.has({ '.claude/rules/r7.md': /rules\/r7/ })
})

test('[L7 F1] without its note of that haal finds out again that there is nothing to do', async () => {
  const { haal, store } = await large()
  await store.remove('settled')
  await haal('install').changesNothing()
})

test('[L16 F1] an edit in a large project is told by an install that has nothing else to do', async () => {
  const { haal, project } = await large()
  await project.write({ '.haal/rules/r7.md': 'mine\n' })
  const { stderr } = await haal('install').changesNothing()
  expect(stderr).toMatch(/\.haal\/rules\/r7\.md: left/)
})
