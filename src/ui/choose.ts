import type * as Core from '@inquirer/core'
import type { Choice } from '../model/events.js'
import { clip, textWidth, wrap } from '../model/text.js'

interface Asked {
  message: string
  choices: readonly Choice[]
}

interface Shown extends Asked {
  /** The terminal, whose size may change while the question is open. */
  output: NodeJS.WritableStream
}

type Where = Parameters<ReturnType<typeof Core.createPrompt<string[], Asked>>>[1] & Pick<Shown, 'output'>

/** Several of many: typing searches, space marks, enter ends. */
export async function choose(asked: Asked, where: Where): Promise<string[]> {
  const core = await import('@inquirer/core')
  const { output } = where
  return core.createPrompt<string[], Shown>((given, done) => view(given, done, core))({ ...asked, output }, where)
}

function view({ message, choices, output }: Shown, done: (chosen: string[]) => void, core: typeof Core) {
  const theme = core.makeTheme()
  const { columns, rows } = useSize(output, core)
  const [isDone, setDone] = core.useState(false)
  const [search, setSearch] = core.useState('')
  const [chosen, setChosen] = core.useState(chosenAtFirst(choices))
  const [active, setActive] = core.useState(0)
  const prefix = core.usePrefix({ status: isDone ? 'done' : 'idle', theme })
  const found = choices.filter((choice) => fits(choice, search))
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
      const next = edited(search, { typed, key }, core)
      if (next !== search) setActive(0)
      setSearch(next)
    }
  })

  const renderItem = (row: Row) => rowText(row, { found, chosen, width: columns - 1, style: theme.style })
  const { isLow, pageSize } = roomBelow(textWidth(`${message} ${search}`) + 3, { columns, rows })
  const page = core.usePagination({ items: found, active: at, renderItem, pageSize, loop: false })
  if (isDone) return `${prefix} ${message} ${theme.style.answer(answerText(chosen, columns - message.length - 4))}`
  const help = theme.style.help(clip(`type to search, space marks (${chosen.length}), enter takes them`, columns - 1))
  const about = isLow ? [] : ['', ...aboutLines(found[at], columns - 1)]
  const below = [found.length === 0 ? 'nothing fits' : page, ...about, help].join('\n')
  return [`${prefix} ${message} ${search}`, below] as [string, string]
}

function chosenAtFirst(choices: readonly Choice[]): readonly string[] {
  return choices.filter(({ chosen }) => chosen).map(({ value }) => value)
}

/** How many choices fit below a question that takes so many columns. On a low terminal descriptions are left out. */
function roomBelow(question: number, { columns, rows }: Size): { isLow: boolean; pageSize: number } {
  const free = rows - Math.ceil(question / columns)
  const isLow = free < 9
  return { isLow, pageSize: Math.max(2, free - (isLow ? 2 : 5)) }
}

interface Size {
  columns: number
  rows: number
}

/** Columns and rows of the terminal as it is now; the question is drawn again when they change. */
function useSize(output: NodeJS.WritableStream, core: typeof Core): Size {
  const size = () => ({
    columns: ('columns' in output && Number(output.columns)) || 80,
    rows: ('rows' in output && Number(output.rows)) || 24,
  })
  const [now, setNow] = core.useState(size)
  core.useEffect(() => {
    const told = () => setNow(size())
    output.on('resize', told)
    return () => void output.removeListener('resize', told)
  }, [])
  return now
}

/** The search text after a key. */
function edited(search: string, { typed, key }: { typed: string; key: Core.KeypressEvent }, core: typeof Core): string {
  if (isErasing(key)) return ''
  return core.isBackspaceKey(key) ? shortened(search) : search + typed.replace(/[^\x21-\uffff]/g, '')
}

/** Without its last letter, with the marks that stand on it. */
function shortened(text: string): string {
  return text.replace(/\P{M}?\p{M}*$/u, '')
}

/** The keys with which shells erase a line or its last word. Both empty the search, which is one word. */
function isErasing({ name, ctrl }: Core.KeypressEvent): boolean {
  return ctrl && (name === 'u' || name === 'w')
}

function fits({ label, group, description = '' }: Choice, search: string): boolean {
  return joined(`${group}/${label} ${description}`).includes(joined(search))
}

/** Text without spaces, `-` and `_`: space marks and cannot be typed, so a code review is found by `codereview`. */
function joined(text: string): string {
  return text.toLowerCase().replace(/[\s_-]+/g, '')
}

function toggled(chosen: readonly string[], item: Choice | undefined): readonly string[] {
  if (item === undefined || item.disabled !== undefined) return chosen
  return chosen.includes(item.value) ? chosen.filter((value) => value !== item.value) : [...chosen, item.value]
}

interface Row {
  item: Choice
  index: number
  isActive: boolean
}

interface List {
  found: readonly Choice[]
  chosen: readonly string[]
  width: number
  style: Pick<Core.Theme['style'], 'help' | 'highlight'>
}

/** The first of a group stands under the group's name. */
function rowText({ item, index, isActive }: Row, { found, chosen, width, style }: List): string {
  const heading = found[index - 1]?.group === item.group ? '' : `${style.help(item.group)}\n`
  const line = clip(itemLine(item, chosen.includes(item.value), isActive), width)
  return heading + (item.disabled ? style.help(line) : isActive ? style.highlight(line) : line)
}

function itemLine({ label, disabled }: Choice, isChosen: boolean, isActive: boolean): string {
  const mark = disabled === undefined ? (isChosen ? '[x]' : '[ ]') : ' - '
  return `${isActive ? '>' : ' '} ${mark} ${label}${disabled === undefined ? '' : ` (${disabled})`}`
}

/** Why it cannot be chosen, or what it is; at most two lines. */
function aboutLines(item: Choice | undefined, width: number): string[] {
  const [first, ...more] = wrap(item?.disabled ?? item?.description ?? '', width)
  return [first ?? '', more.join(' ')].filter((each) => each !== '').map((each) => clip(each, width))
}

function answerText(chosen: readonly string[], width: number): string {
  const all = chosen.join(', ') || 'nothing'
  return all.length <= width ? all : `${chosen.length} chosen`
}
