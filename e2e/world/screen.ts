import { execFileSync } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Base } from './ground.js'
import { quoted } from './run.js'

export interface ScreenOptions {
  columns?: number
  rows?: number
  colours?: boolean
}

type Wanted = string | RegExp | ((picture: string) => boolean)

/** What a terminal shows of one shell line, drawn by tmux: what was written over is gone, as it is for a person. */
export interface Screen {
  /** Waits until the picture holds this, or is as a test wants it; answers the picture. */
  until(text: Wanted): Promise<string>
  /** Keys by tmux's names (`Enter`, `Down`, `Space`, `C-c`) or text as it is. */
  type(...keys: string[]): void
  resize(columns: number, rows: number): void
  /** Waits for the end; answers the last picture and the exit status. */
  end(): Promise<{ picture: string; exit: number }>
}

/** Marks the end of a line's output. No program prints it. */
const ended = /=== ended (\d+) ===\s*$/

let opened = 0

/** Runs a shell line in the project, `haal` on PATH, in a terminal of its own. */
export function screenOf(at: Base, line: string, { columns = 100, rows = 40, colours = false }: ScreenOptions): Screen {
  opened += 1
  const socket = at.root.at('tmp', `tmux-${opened}`)
  const tmux = (...args: string[]) =>
    execFileSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], {
      env: environment(at, colours),
      encoding: 'utf8',
    })
  const play = `${line}; printf '\\033[m=== ended %s ===' $?; exec cat`
  tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), '-c', at.ground.cwd, `sh -c ${quoted(play)}`)
  at.onEnd(() => void closed(tmux))
  const picture = () =>
    tmux('capture-pane', '-p', '-S', '-', ...(colours ? ['-e'] : []))
      .replace(/[ \n]+$/, '')
      .replace(/ +((?:\u001b\[[\d;]*m)*)$/gm, '$1')
  /** A picture is as wanted when the next one is the same: a program may be in the middle of drawing another. */
  const until = async (text: Wanted) => {
    const limit = Date.now() + 20_000
    const looked = () => {
      const seen = picture()
      return { seen, isThere: matches(seen, text) && picture() === seen }
    }
    let last = looked()
    while (!last.isThere && Date.now() < limit) {
      await pause(30)
      last = looked()
    }
    if (typeof text !== 'function') expect(last.seen).toMatch(text)
    expect(last.isThere, last.seen).toBe(true)
    return colours ? marked(last.seen) : last.seen
  }
  return {
    until,
    type: (...keys) => void tmux('send-keys', ...keys),
    resize: (columns, rows) => void tmux('resize-window', '-x', String(columns), '-y', String(rows)),
    end: async () => {
      const whole = await until(ended)
      return { picture: whole.replace(ended, '').trimEnd(), exit: Number(ended.exec(whole)?.[1]) }
    },
  }
}

function matches(said: string, text: Wanted): boolean {
  if (typeof text === 'function') return text(said)
  return typeof text === 'string' ? said.includes(text) : text.test(said)
}

function environment({ ground }: Base, colours: boolean): Record<string, string> {
  const { NO_COLOR: _none, ...env } = ground.env
  return { ...env, ...(!colours && { NO_COLOR: '1' }), TERM: 'xterm-256color', SHELL: '/bin/sh', LC_ALL: 'C.UTF-8' }
}

/** The server ends with its last session, and takes what still runs with it. */
function closed(tmux: (...args: string[]) => string): void {
  try {
    tmux('kill-server')
  } catch (e) {
    if (!String(e).includes('no server')) throw e
  }
}

const looks: Readonly<Record<string, string>> = {
  1: 'bold',
  2: 'dim',
  31: 'red',
  32: 'green',
  33: 'yellow',
  34: 'blue',
  36: 'cyan',
  90: 'grey',
}

/** Colours as words that a person can read in a golden file: `<red>error:</>`. */
export function marked(picture: string): string {
  let now: string[] = []
  const line = (text: string) =>
    text
      .split(/\u001b\[([\d;]*)m/)
      .map((piece, i) => {
        if (i % 2 === 0) return now.length === 0 || piece === '' ? piece : `<${now.join(' ')}>${piece}</>`
        for (const code of piece.split(';')) now = looked(now, code)
        return ''
      })
      .join('')
  return picture.split('\n').map(line).join('\n')
}

/** 0 ends everything, 22 weights, 39 the colour; backgrounds are nobody's. */
function looked(now: readonly string[], code: string): string[] {
  const isWeight = (look: string) => look === 'bold' || look === 'dim'
  if (code === '' || code === '0') return []
  if (code === '22') return now.filter((look) => !isWeight(look))
  if (code === '39') return now.filter(isWeight)
  const look = looks[code]
  if (look === undefined) return [...now]
  return isWeight(look) ? [...now, look] : [...now.filter(isWeight), look]
}
