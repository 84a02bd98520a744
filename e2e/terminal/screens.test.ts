import { describe } from 'vitest'
import { agent, needs, skill, type World, world } from '../world/index.js'
import type { Step } from '../world/transcript.js'

/** A team's registry as somebody meets it who has never used haal. */
async function stranger(): Promise<World> {
  const at = await world()
  await at.folder(
    'corp',
    {
      'skills/review-change/SKILL.md': skill('review-change', 'v1', {
        version: '1.2.0',
        description:
          'Reviews a diff, branch or pull request. Use when asked to review, check or give feedback on a change.',
      }),
      'skills/write-tests/SKILL.md': skill('write-tests', 'v1', { version: '0.4.1' }),
      'agents/reviewer.md': agent('reviewer', 'v1', { version: '1.0.0' }),
      'hooks/notify/hook.json': { description: 'Tells a channel' },
      'hooks/notify/package.json': { name: 'notify', version: '2.0.0' },
    },
    { listed: false },
  )
  return at
}

const rules = (at: World) => ({
  remark: 'the team writes a policy',
  act: () => {
    const deny = [{ match: 'hook/*', reason: 'hooks are reviewed by security first' }]
    const policy = { policyVersion: 1, name: 'acme', contact: 'security@acme.example', artifacts: { deny } }
    const manifest = { ...at.project.json('haal.json'), policy: 'acme.json' }
    return at.project.write({ 'acme.json': policy, 'haal.json': manifest })
  },
})

const newer = (at: World) => ({
  remark: 'the registry has a newer review-change, which brings a script',
  act: () =>
    at.root.write({
      'folders/corp/skills/review-change/SKILL.md': skill('review-change', 'v2', { version: '1.3.0' }),
      'folders/corp/skills/review-change/run.sh': { body: '#!/bin/sh\n', mode: 0o755 },
    }),
})

const edit = (at: World) => ({
  remark: 'somebody edits an installed file, and the registry moves on',
  act: async () => {
    await at.project.write({ '.haal/agents/reviewer.md': 'mine\n' })
    await at.root.write({ 'folders/corp/agents/reviewer.md': agent('reviewer', 'v2', { version: '1.1.0' }) })
  },
})

/** Nothing listens on the discard port. */
const down = (at: World) => ({
  remark: 'a second registry is down',
  act: () => at.list({ name: 'hub', type: 'url', location: 'http://127.0.0.1:9/skills' }),
})

const screens = (at: World): readonly Step[] => [
  '# help',
  'haal',
  'haal install --help',
  '# the first install',
  'haal init --registry ../folders/corp',
  rules(at),
  {
    line: 'haal install',
    answers: [
      { at: 'enter takes them', type: ['Space', 'Down', 'Down', 'Space'] },
      { at: '(2)', type: ['Enter'] },
    ],
  },
  'haal list',
  '# a policy refuses',
  'haal install hook/notify',
  'haal why hook/notify',
  '# an update that has to be approved',
  newer(at),
  'haal outdated',
  'haal update --dry-run',
  'haal update --dry-run --approve review-change',
  { line: 'haal update', answers: [{ at: /\(y\/N\)/i, type: ['y', 'Enter'] }] },
  '# a conflict',
  edit(at),
  'haal update',
  { line: 'haal update --force', answers: [{ at: /\(Y\/n\)/i, type: ['y', 'Enter'] }] },
  { line: 'haal uninstall reviewer', answers: [{ at: /\(Y\/n\)/i, type: ['n', 'Enter'] }] },
  '# the network fails',
  down(at),
  'haal install something-else',
]

describe('what a person sees', () => {
  for (const columns of [60, 120])
    for (const colours of [false, true]) {
      const name = `screens-${columns}${colours ? '-colour' : ''}`
      needs('tmux')(
        `[U2 U3] in ${columns} columns, ${colours ? 'with' : 'without'} colours, is ${name}.txt`,
        async () => {
          const at = await stranger()
          await at.transcript(name, screens(at), { columns, rows: 30, colours })
        },
      )
    }
})
