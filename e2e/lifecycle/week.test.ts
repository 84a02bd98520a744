import { execFile } from 'node:child_process'
import fs from 'node:fs'
import { promisify } from 'node:util'
import { needs, skill, world } from '../world/index.js'

const review = (version: string, body: string) => ({
  'skills/review-code/SKILL.md': skill('review-code', body, { version }),
})

needs('git', 'sh')('[L3][L5][L6][L9][L16][L17][O4][O32] a week with haal reads well', async () => {
  const { git, project, root, transcript, home } = await world()
  const team = await git('team', {
    ...review('1.0.0', 'Read the change before you judge it.'),
    'skills/pair-up/SKILL.md': skill('pair-up', 'Two see more.', { version: '0.3.0' }),
    'skills/plan-work/SKILL.md': skill('plan-work', 'Small steps.', { version: '1.0.0' }),
    'agents/reviewer.md':
      '---\nname: reviewer\ndescription: A second pair of eyes\nversion: 2.0.0\n---\n\nYou review.\n',
  })
  await home.write({
    '.gitconfig':
      '[user]\n  name = Ada\n  email = ada@example.com\n[init]\n  defaultBranch = main\n[advice]\n  mergeConflict = false\n',
  })
  await project.write({ '.gitignore': '.haal/*\n' })
  await transcript('week', [
    '# Monday: the first artifacts, and what was got is committed',
    'git init -q',
    'haal install review-code@^1.0.0 reviewer',
    'haal list',
    'tree',
    'git add -A && git commit -qm "with haal"',

    '# Tuesday: a skill is tried out in another wording',
    `echo "Say what is good, too." >> .haal/skills/review-code/SKILL.md`,
    'haal verify',
    'haal diff review-code',

    '# Wednesday: upstream moves on, and the edit is in the way',
    {
      remark: 'team publishes review-code 1.1.0',
      act: () => team.commit(review('1.1.0', 'Read the change, then the code around it.')),
    },
    'haal outdated',
    'haal update',
    'haal update --force --yes',
    'cat .haal/.state/saved/*/.haal/skills/review-code/SKILL.md | tail -1',
    'haal pin review-code',
    {
      remark: 'team publishes review-code 1.2.0',
      act: () => team.commit(review('1.2.0', 'Never mind the code.')),
    },
    'haal update',

    '# Thursday: the old wording was better; a copy goes to a folder of its own',
    'haal history',
    'haal rollback review-code --to 1',
    'haal copy review-code docs/ --as how-we-review',
    `echo "Then ask why." >> docs/how-we-review/SKILL.md`,
    'haal diff review-code',
    'git add -A && git commit -qm "the old wording"',

    '# Friday: two people have each installed something',
    {
      remark: 'on another branch, a colleague installs pair-up',
      act: () =>
        shell(
          project.path,
          root.path,
          'git checkout -qb colleague && haal install pair-up && git add -A && git commit -qm pairs && git checkout -q main && haal install',
        ),
    },
    'haal install plan-work',
    'git add -A && git commit -qm planning',
    'git merge colleague 2>&1 | grep CONFLICT',
    'haal list',
    {
      remark: 'haal.json is merged by hand: both lines stay',
      act: () => {
        const text = project.read('haal.json').replace(/^(<<<<<<<|=======|>>>>>>>).*\n/gm, '')
        fs.writeFileSync(project.at('haal.json'), text.replace(/"\n(\s+"skill)/g, '",\n$1'))
      },
    },
    'haal install',
    'haal verify',
    'git add -A && git commit -qm merged',
    'haal uninstall reviewer',
    'git add -A && git commit -qm "no reviewer"',

    '# and on the build server',
    'git clone -q . ../server',
    'haal install --frozen --cwd ../server',
    'haal list --cwd ../server',
  ])
})

/** Not in one go: the registry is served by this very process. */
async function shell(cwd: string, root: string, line: string): Promise<void> {
  const env = {
    PATH: `${root}/bin:${process.env.PATH}`,
    HOME: `${root}/home`,
    HAAL_HOME: `${root}/haal`,
    NO_COLOR: '1',
  }
  await promisify(execFile)('sh', ['-c', line], { cwd, env })
}
