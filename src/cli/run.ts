import { nodeTerminal } from '../io/terminal.js'
import type { Command, Flags } from '../model/command.js'
import { bug, fail, HaalError } from '../model/errors.js'
import { version } from '../model/haal-version.js'
import { nearest } from '../model/nearest.js'
import { printDocument, success } from '../ui/json.js'
import { secretsIn } from '../ui/redact.js'
import { reporter } from '../ui/reporter.js'
import type { Edge } from './context.js'
import { commonFlags } from './flags.js'
import { mannerOf } from './manner.js'
import type { Given } from './program.js'
import { isGroup, nearestHint, type Row, rowFor } from './row.js'
import { signals } from './signals.js'
import { plainlyGiven } from './switches.js'
import { table } from './table.js'
import { isCommon, read, type Said } from './words.js'

/** One run of haal, from its arguments to its exit status. What a command does not need stays unloaded. */
export async function run(argv: readonly string[], works: () => void): Promise<number> {
  const terminal = nodeTerminal()
  const said = read(argv, table)
  const secrets = secretsIn(process.env)
  const ui = await reporter(terminal, mannerOf(said, terminal, secrets))
  const stage = { terminal, reporter: ui, secrets, stop: signals(), works, name: nameOf(said) }
  return guarded(stage, () => (said.version ? tellVersion(said, terminal) : perform(said, stage)))
}

async function tellVersion({ json }: Said, { out }: Edge['terminal']): Promise<number> {
  out(json ? printDocument(success('', { version }, []), []) : `${version}\n`)
  return 0
}

interface Stage extends Edge {
  /** The command's. */
  name: string
}

async function perform(said: Said, stage: Stage): Promise<number> {
  const row = rowFor(table, said.words)
  if (said.words.length === 0) refuseStray(said)
  if (said.help || said.words.length === 0) return helped(said, row, stage)
  if (row === undefined) return unknownCommand(said.words)
  const [command, { contextOf }] = await Promise.all([row.load(), import('./context.js')])
  const { args, flags } = await given(command, said.rest)
  const result = await performed(() => command.run(contextOf(flags, stage), args, flags), { command, flags, stage })
  stage.reporter.answer(command, result, flags)
  return command.exit?.(result) ?? 0
}

async function performed<T>(
  act: () => Promise<T>,
  { command, flags, stage }: { command: Command; flags: Flags; stage: Stage },
): Promise<T> {
  try {
    return await act()
  } catch (e) {
    const document = command.failureDocument?.(failureOf(e, stage.stop.signal), flags)
    if (document !== undefined) stage.reporter.failedAs(document)
    throw e
  }
}

/** Without a command nothing else reads the flags, and a misspelt one shall not pass for a question about haal. */
function refuseStray({ rest }: Said): void {
  const stray = rest.find((each) => each.startsWith('-') && !isCommon(each))
  if (stray === undefined) return
  const meant = nearest(stray.replace(/^-+|=.*/g, ''), [...commonFlags.map(({ name }) => name), 'version'])
  fail('E_USAGE', `haal without a command has no flag ${stray}`, {
    hint: meant === undefined ? 'see: haal help' : `did you mean --${meant}?`,
  })
}

/** commander is loaded where there is more to read than words and switches. */
async function given(command: Command, rest: readonly string[]): Promise<Given> {
  const plain = plainlyGiven(command, rest)
  if (plain) return plain
  const { parse } = await import('./program.js')
  return parse(command, rest)
}

async function helped({ words }: Said, row: Row | undefined, stage: Stage): Promise<number> {
  const { helpFor, helpOf, helped: result } = await import('./help.js')
  if (row === undefined && words.length > 0 && !isGroup(table, words[0])) return unknownCommand(words)
  stage.reporter.answer(helpOf(table), result(words, await helpFor(table, row, words[0])), {})
  return 0
}

/** Whatever goes wrong is said once, with a code. A prompt whose input ends would leave Node with nothing to wait for: that is an end too. */
async function guarded(stage: Stage, act: () => Promise<number>): Promise<number> {
  const { stop } = stage
  process.on('uncaughtException', (e) => process.exit(reportFailure(e, stage)))
  process.on('beforeExit', stop.abort)
  try {
    return await act()
  } catch (e) {
    return reportFailure(e, stage)
  } finally {
    process.off('beforeExit', stop.abort)
  }
}

function reportFailure(e: unknown, { reporter: ui, stop, name }: Stage): number {
  const error = failureOf(e, stop.signal)
  const exit = (error.code === 'E_INTERRUPTED' ? stop.exit() : undefined) ?? error.exit
  ui.failed(name, error, exit)
  return exit
}

function failureOf(e: unknown, signal: AbortSignal): HaalError {
  if (e instanceof HaalError) return e
  if (signal.aborted && signal.reason instanceof HaalError) return signal.reason
  return bug(
    e,
    `run it again with --verbose and report what it prints (haal ${version}, Node ${process.versions.node})`,
  )
}

function unknownCommand(words: readonly string[]): never {
  const [first = '', second] = words
  const said = words.join(' ')
  if (isGroup(table, first) && second === undefined) {
    const names = table.rows.map(({ name }) => name).filter((name) => name.startsWith(`${first} `))
    return fail('E_USAGE', `haal ${first} needs one more word`, { hint: `one of: haal ${names.join(', haal ')}` })
  }
  return fail('E_USAGE', `haal has no command "${said}"`, { hint: nearestHint(table, words, 'haal') })
}

function nameOf({ words }: Said): string {
  return rowFor(table, words)?.name ?? words.join(' ')
}
