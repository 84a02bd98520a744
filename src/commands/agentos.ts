import type { AgentosResult } from '../model/agentos.js'
import type { Command } from '../model/command.js'
import { columns, counted, fitted, textWidth } from '../model/text.js'
import { agentos as perform } from '../operations/agentos.js'

export const agentos: Command<AgentosResult> = {
  name: 'agentos',
  args: '',
  summary: 'say what the AgentOS runtime loads of what is installed, and what it cannot load',
  about: [
    'With --json, extensionManifest is what AgentOS.create takes, personaSource is the folder for its persona loader (with recursiveSearch), and skillsDir the one for its SkillRegistry. A program gets the same from "haal/agentos".',
    'AgentOS looks for SKILL.md. Where a skill was published as skill.md, all of them get a place under that name in .agentos/skills, which is kept up from then on; without such a skill nothing is written. No package is installed, nothing built or run: what is missing is named, with what brings it.',
  ],
  examples: ['haal agentos', 'haal agentos --json'],
  flags: [],
  run: (ctx, _args, flags) => perform(ctx, { flags }),
  show: ({ loads, problems }, paint) => {
    if (loads.length + problems.length === 0) return ['nothing for AgentOS is installed']
    const rows = columns(loads.map(({ as, artifact }) => [as, artifact])).map((cells) => cells.join('  ').trimEnd())
    const marked = columns(
      problems.map(({ problem, artifact, says }) => [isLoaded(problem) ? '!' : 'x', artifact, says]),
    )
    const troubles = problems.flatMap(({ problem, mend }, index) => {
      const [mark = '', artifact = '', says = ''] = marked[index] ?? []
      const [first = '', ...more] = fitted(says, paint.width - textWidth(artifact) - 4)
      return [
        `${isLoaded(problem) ? paint.warn(mark) : paint.bad(mark)} ${artifact}  ${first}`,
        ...more.map((line) => `    ${line}`),
        ...(mend === null ? [] : [paint.dim(`    ${mend}`)]),
      ]
    })
    const left = new Set(problems.filter(({ problem }) => !isLoaded(problem)).map(({ artifact }) => artifact)).size
    const count = `AgentOS loads ${counted(loads.length, 'artifact')}`
    return [...rows, ...troubles, paint.dim(left === 0 ? count : `${count}; ${left} it cannot load`)]
  },
}

/** A secret can still be given while AgentOS runs. */
function isLoaded(problem: AgentosResult['problems'][number]['problem']): boolean {
  return problem === 'secrets'
}
