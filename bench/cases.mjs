import path from 'node:path'
import { gitCases } from './git-cases.mjs'
import { haal, projectOf, registryOf } from './grounds.mjs'

/** What starting Node alone costs: every figure is a multiple of a peer's time, and this is the first peer. */
const bareNode = (ground) => ({ command: [process.execPath, '-e', '0'], ...ground })
const haalWith = (ground, ...args) => ({ command: [...haal, ...args], ...ground })

/** What bash does on TAB after `haal ins`, many times over: the shell that a person types into has long been started. Fails where nothing
    is offered. */
const presses = 200
const pressTab = `
  . '${path.resolve(import.meta.dirname, '../completions/haal.bash')}'
  COMP_WORDS=(haal ins) COMP_CWORD=1 COMP_LINE='haal ins' COMP_POINT=8
  set -- $(complete -p haal)
  while [ "$1" != -F ]; do shift; done
  for ((i = 0; i < ${presses}; i++)); do "$2" haal ins haal; done
  [ "\${#COMPREPLY[@]}" -gt 0 ]`

/** One row a case: what is measured, against what, and the ratio it may reach. `quick` cases run with --quick, too.
    `prepare` makes the ground and answers the two runs, each { command, cwd, env, before?, times? }: `times` is how often the command
    does the work in one go. */
export const cases = [
  {
    name: 'haal --version',
    against: 'node -e 0',
    atMost: 1.1,
    quick: true,
    prepare: (place) => {
      const ground = projectOf(place, registryOf(place, 1), { installed: false })
      return { haal: haalWith(ground, '--version'), peer: bareNode(ground) }
    },
  },
  {
    name: 'completion of a command',
    against: 'node -e 0',
    atMost: 0.1,
    quick: true,
    prepare: (place) => {
      const ground = projectOf(place, registryOf(place, 1), { installed: false })
      return {
        haal: { command: ['bash', '--norc', '-c', pressTab], times: presses, ...ground },
        peer: bareNode(ground),
      }
    },
  },
  {
    name: 'completion of an artifact, 100 installed',
    against: 'node -e 0',
    atMost: 1.2,
    quick: true,
    prepare: (place) => {
      const ground = projectOf(place, registryOf(place, 100))
      return { haal: haalWith(ground, '__complete', 'installed', '--cwd', ground.cwd), peer: bareNode(ground) }
    },
  },
  {
    name: 'haal list, 100 installed',
    against: 'node -e 0',
    atMost: 1.35,
    quick: true,
    prepare: (place) => {
      const ground = projectOf(place, registryOf(place, 100))
      return { haal: haalWith(ground, 'list'), peer: bareNode(ground) }
    },
  },
  ...gitCases,
]
