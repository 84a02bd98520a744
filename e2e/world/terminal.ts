import type { ChildProcess } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { expect } from 'vitest'
import type { Outcome, Running } from './run.js'

/** Keys as a terminal sends them. */
export const keys = { enter: '\r', down: '\u001b[B', up: '\u001b[A', space: ' ', tab: '\t', ctrlC: '\u0003' } as const

/** A person at a pseudo-terminal: reads what comes, types. */
export interface Terminal {
  /** Waits until new output holds this; answers everything new up to now. */
  until(text: string | RegExp): Promise<string>
  type(...keys: string[]): void
  /** All output so far, without escape sequences. */
  screen(): string
  outcome: Promise<Outcome>
}

export function terminalOf({ child, outcome }: Running, patience = 20_000): Terminal {
  let whole = ''
  let read = 0
  child.stdout?.on('data', (bytes: Buffer) => {
    whole += bytes.toString()
  })
  const fresh = () => stripVTControlCharacters(whole.slice(read))
  return {
    outcome,
    screen: () => stripVTControlCharacters(whole),
    type: (...typed) => void child.stdin?.write(typed.join('')),
    until: async (text) => {
      await moreUntil(child, () => matches(fresh(), text), patience)
      expect(fresh()).toMatch(text)
      const answer = fresh()
      read = whole.length
      return answer
    },
  }
}

function matches(said: string, text: string | RegExp): boolean {
  return typeof text === 'string' ? said.includes(text) : text.test(said)
}

/** Waits for output until `enough`, the end of the process, or the end of patience. */
function moreUntil(child: ChildProcess, enough: () => boolean, patience: number): Promise<void> {
  return new Promise((done) => {
    const finish = () => {
      clearTimeout(timer)
      child.stdout?.off('data', look)
      child.off('close', finish)
      done()
    }
    const look = () => enough() && finish()
    const timer = setTimeout(finish, patience)
    child.stdout?.on('data', look)
    child.on('close', finish)
    if (child.exitCode !== null) finish()
    look()
  })
}
