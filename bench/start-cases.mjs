import path from 'node:path'
import { bareNode, haalWith, plainLook, projectOf, registryOf, root, standing } from './grounds.mjs'

/** What bash does on TAB after `haal ins`, many times over: the shell that a person types into has long been started. Fails where nothing
    is offered. */
const presses = 200
const pressTab = `
  . '${path.join(root, 'completions/haal.bash')}'
  COMP_WORDS=(haal ins) COMP_CWORD=1 COMP_LINE='haal ins' COMP_POINT=8
  set -- $(complete -p haal)
  while [ "$1" != -F ]; do shift; done
  for ((i = 0; i < ${presses}; i++)); do "$2" haal ins haal; done
  [ "\${#COMPREPLY[@]}" -gt 0 ]`

const installed =
  (count, ...args) =>
  (place) => {
    const ground = standing(place, count)
    return { haal: haalWith(ground, ...args), peer: bareNode(ground), plain: plainLook(ground) }
  }

const nothingToDo = ([count, atMost]) => ({
  name: `nothing to do, ${count} artifacts`,
  against: 'node -e 0',
  atMost,
  quick: count <= 1000,
  prepare: installed(count, 'install', '--quiet'),
})

/** Commands that ought to cost what starting Node costs. */
export const startCases = [
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
      const ground = standing(place, 100)
      return { haal: haalWith(ground, '__complete', 'installed', '--cwd', ground.cwd), peer: bareNode(ground) }
    },
  },
  {
    name: 'haal list, 100 installed',
    against: 'node -e 0',
    atMost: 1.35,
    quick: true,
    prepare: installed(100, 'list'),
  },
  ...[
    [100, 1.5],
    [1000, 2.0],
    [5000, 3.0],
  ].map(nothingToDo),
  {
    name: 'nothing to do, 1000 artifacts in two tools',
    against: { 'node -e 0': undefined },
    quick: false,
    prepare: (place) => {
      const ground = projectOf(place, registryOf(place, 1000), { targets: ['claude', 'cursor'] })
      return { haal: haalWith(ground, 'install', '--quiet'), 'node -e 0': bareNode(ground) }
    },
  },
  {
    name: 'nothing to do, 1000 artifacts (growth)',
    against: {
      'twice nothing to do at 10 + lstat of each file': {
        atMost: 1,
        of: ({ ten, metadata, node }) => 2 * ten + metadata - node,
      },
    },
    quick: true,
    prepare: (place) => {
      const ground = standing(place, 1000)
      return {
        haal: haalWith(ground, 'install', '--quiet'),
        ten: haalWith(standing(place, 10), 'install', '--quiet'),
        metadata: plainLook(ground),
        node: bareNode(ground),
      }
    },
  },
]
