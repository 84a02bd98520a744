import {
  createPrompt,
  isBackspaceKey,
  isDownKey,
  isEnterKey,
  isSpaceKey,
  isUpKey,
  makeTheme,
  useKeypress,
  usePagination,
  usePrefix,
  useState,
} from '@inquirer/core'
import type { Choice } from '../model/events.js'
import { clip } from '../model/text.js'

interface Offer {
  message: string
  choices: readonly Choice[]
  pageSize: number
}

/** Several of many: typing searches, space marks, enter ends. */
export const choose = createPrompt<string[], Offer>(({ message, choices, pageSize }, done) => {
  const theme = makeTheme()
  const [status, setStatus] = useState<'idle' | 'done'>('idle')
  const [sought, setSought] = useState('')
  const [chosen, setChosen] = useState<readonly string[]>([])
  const [active, setActive] = useState(0)
  const prefix = usePrefix({ status, theme })
  const found = choices.filter((choice) => fits(choice, sought))
  const current = found[Math.min(active, found.length - 1)]

  useKeypress((key, line) => {
    if (status === 'done') return
    const typed = line.line
    line.clearLine(0)
    if (isEnterKey(key)) {
      setStatus('done')
      done([...chosen])
    } else if (isUpKey(key) || isDownKey(key)) setActive(step(active, isUpKey(key) ? -1 : 1, found.length))
    else if (isSpaceKey(key)) setChosen(toggled(chosen, current))
    else {
      const text = isBackspaceKey(key) ? sought.slice(0, -1) : sought + typed.replace(/[^\x21-\uffff]/g, '')
      if (text !== sought) setActive(0)
      setSought(text)
    }
  })

  const page = usePagination({
    items: found,
    active: Math.max(0, Math.min(active, found.length - 1)),
    renderItem: ({ item, index, isActive }) => {
      const heading = index === 0 || found[index - 1]?.group !== item.group ? `${theme.style.help(item.group)}\n` : ''
      const line = itemLine(item, chosen.includes(item.value), isActive)
      return heading + (item.disabled ? theme.style.help(line) : isActive ? theme.style.highlight(line) : line)
    },
    pageSize,
    loop: false,
  })
  if (status === 'done') return `${prefix} ${message} ${theme.style.answer(chosen.join(', ') || 'nothing')}`
  const help = theme.style.help(`type to search, space marks (${chosen.length}), enter takes them`)
  return [
    `${prefix} ${message} ${sought}`,
    [found.length === 0 ? 'nothing fits' : page, aboutLine(current), help].join('\n'),
  ]
})

function fits({ label, group, description = '' }: Choice, sought: string): boolean {
  const text = `${group}/${label} ${description}`.toLowerCase()
  return text.includes(sought.toLowerCase())
}

function step(active: number, by: number, count: number): number {
  return Math.max(0, Math.min(count - 1, active + by))
}

function toggled(chosen: readonly string[], item: Choice | undefined): readonly string[] {
  if (item === undefined || item.disabled !== undefined) return chosen
  return chosen.includes(item.value) ? chosen.filter((value) => value !== item.value) : [...chosen, item.value]
}

function itemLine({ label, disabled }: Choice, isChosen: boolean, isActive: boolean): string {
  const mark = disabled === undefined ? (isChosen ? '[x]' : '[ ]') : ' - '
  return `${isActive ? '>' : ' '} ${mark} ${label}${disabled === undefined ? '' : ` (${disabled})`}`
}

function aboutLine(item: Choice | undefined): string {
  return item?.description === undefined ? '' : clip(item.description, 100)
}
