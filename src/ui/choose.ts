import type * as Core from '@inquirer/core'
import type { Choice } from '../model/events.js'
import { clip, wrap } from '../model/text.js'

interface Offer {
  message: string
  choices: readonly Choice[]
  pageSize: number
}

interface Shown extends Offer {
  /** Of the terminal: a line that it would break is cut. */
  columns: number
}

type Where = Parameters<ReturnType<typeof Core.createPrompt<string[], Offer>>>[1]

/** Several of many: typing searches, space marks, enter ends. */
export async function choose(offer: Offer, where: Where): Promise<string[]> {
  const core = await import('@inquirer/core')
  const columns = where?.output !== undefined && 'columns' in where.output ? Number(where.output.columns) || 80 : 80
  return core.createPrompt<string[], Shown>((given, done) => view(given, done, core))({ ...offer, columns }, where)
}

function view({ message, choices, pageSize, columns }: Shown, done: (chosen: string[]) => void, core: typeof Core) {
  const theme = core.makeTheme()
  const [isDone, setDone] = core.useState(false)
  const [sought, setSought] = core.useState('')
  const [chosen, setChosen] = core.useState<readonly string[]>(
    choices.filter((choice) => choice.chosen).map(({ value }) => value),
  )
  const [active, setActive] = core.useState(0)
  const prefix = core.usePrefix({ status: isDone ? 'done' : 'idle', theme })
  const found = choices.filter((choice) => fits(choice, sought))
  const at = Math.max(0, Math.min(active, found.length - 1))

  core.useKeypress((key, line) => {
    if (isDone) return
    const typed = line.line
    line.clearLine(0)
    if (core.isEnterKey(key)) {
      setDone(true)
      done([...chosen])
    } else if (core.isUpKey(key)) setActive(Math.max(0, at - 1))
    else if (core.isDownKey(key)) setActive(Math.min(found.length - 1, at + 1))
    else if (core.isSpaceKey(key)) setChosen(toggled(chosen, found[at]))
    else {
      setActive(0)
      setSought(core.isBackspaceKey(key) ? sought.slice(0, -1) : sought + typed.replace(/[^\x21-\uffff]/g, ''))
    }
  })

  const renderItem = ({ item, index, isActive }: { item: Choice; index: number; isActive: boolean }) => {
    const heading = index === 0 || found[index - 1]?.group !== item.group ? `${theme.style.help(item.group)}\n` : ''
    const line = clip(itemLine(item, chosen.includes(item.value), isActive), columns - 1)
    return heading + (item.disabled ? theme.style.help(line) : isActive ? theme.style.highlight(line) : line)
  }
  const page = core.usePagination({ items: found, active: at, renderItem, pageSize, loop: false })
  if (isDone) return `${prefix} ${message} ${theme.style.answer(answerText(chosen, columns - message.length - 4))}`
  const help = theme.style.help(`type to search, space marks (${chosen.length}), enter takes them`)
  const about = aboutLines(found[at], columns - 1)
  const below = [found.length === 0 ? 'nothing fits' : page, '', ...about, help].join('\n')
  return [`${prefix} ${message} ${sought}`, below] as [string, string]
}

function fits({ label, group, description = '' }: Choice, sought: string): boolean {
  return `${group}/${label} ${description}`.toLowerCase().includes(sought.toLowerCase())
}

function toggled(chosen: readonly string[], item: Choice | undefined): readonly string[] {
  if (item === undefined || item.disabled !== undefined) return chosen
  return chosen.includes(item.value) ? chosen.filter((value) => value !== item.value) : [...chosen, item.value]
}

function itemLine({ label, disabled }: Choice, isChosen: boolean, isActive: boolean): string {
  const mark = disabled === undefined ? (isChosen ? '[x]' : '[ ]') : ' - '
  return `${isActive ? '>' : ' '} ${mark} ${label}${disabled === undefined ? '' : ` (${disabled})`}`
}

/** Why it cannot be chosen, or what it is; at most two lines. */
function aboutLines(item: Choice | undefined, width: number): string[] {
  const [first, ...more] = wrap(item?.disabled ?? item?.description ?? '', width)
  return first === undefined ? [] : more.length === 0 ? [first] : [first, clip(more.join(' '), width)]
}

function answerText(chosen: readonly string[], width: number): string {
  const all = chosen.join(', ') || 'nothing'
  return all.length <= width ? all : `${chosen.length} chosen`
}
