import type * as Core from '@inquirer/core'
import { answered } from './answered.js'

type Where = Parameters<ReturnType<typeof Core.createPrompt<string, { message: string }>>>[1]

/** One line of text that is typed and never shown. Throws E_INTERRUPTED where a person leaves instead. */
export async function secret(message: string, where: Where & { signal: AbortSignal }): Promise<string> {
  const core = await import('@inquirer/core')
  const prompt = core.createPrompt<string, { message: string }>((given, done) => view(given.message, done, core))
  return answered(() => prompt({ message }, where), where.signal)
}

function view(message: string, done: (typed: string) => void, core: typeof Core): string {
  const [typed, setTyped] = core.useState('')
  const [isOver, setOver] = core.useState(false)
  core.useKeypress((key, line) => {
    if (!core.isEnterKey(key)) return setTyped(line.line)
    setOver(true)
    done(typed)
  })
  return `${core.usePrefix({ status: isOver ? 'done' : 'idle' })} ${message} ${'*'.repeat(typed.length)}`
}
