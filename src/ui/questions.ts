import type { Question } from '../model/events.js'
import type { Plan } from '../model/plan.js'
import { answered } from './answered.js'

/** The terminal at which somebody can answer. */
interface Asking {
  input: NodeJS.ReadableStream
  output: NodeJS.WritableStream
  signal: AbortSignal
  /** Makes text from outside fit to be shown. */
  finish(line: string): string
  say(lines: readonly string[]): void
  planLines(plan: Plan): readonly string[]
}

/** Asks, and waits. The prompts are loaded when the first question comes. Throws E_INTERRUPTED where a person leaves instead. */
export function askPerson(question: Question, asking: Asking): Promise<boolean | string[]> {
  return answered(() => asked(question, asking), asking.signal)
}

async function asked(question: Question, asking: Asking): Promise<boolean | string[]> {
  const { input, output, signal, finish } = asking
  const context = { input, output, signal }
  const message = finish(question.message)
  if (question.kind === 'choose') {
    const { choose } = await import('./choose.js')
    const choices = question.choices.map((choice) => ({ ...choice, ...shown(choice, finish) }))
    return choose({ message, choices }, context)
  }
  asking.say(linesBefore(question, asking))
  const { default: confirm } = await import('@inquirer/confirm')
  // What it is about stands above the question already.
  const short = question.kind === 'approve' ? 'allow it?' : message
  return confirm({ message: short, default: question.kind === 'confirm' }, context)
}

function linesBefore(question: Exclude<Question, { kind: 'choose' }>, { planLines }: Asking): readonly string[] {
  if (question.kind === 'confirm') return planLines(question.plan)
  if (question.kind === 'approve')
    return [`${question.artifact} brings what can run:`, ...question.surface.map((each) => `  ${each}`)]
  return [`${question.variable} would be sent to ${question.origin}`]
}

function shown<T extends { label: string; group: string; description?: string; disabled?: string }>(
  { label, group, description, disabled }: T,
  finish: (line: string) => string,
): { label: string; group: string; description?: string; disabled?: string } {
  return {
    label: finish(label),
    group: finish(group),
    ...(description !== undefined && { description: finish(description) }),
    ...(disabled !== undefined && { disabled: finish(disabled) }),
  }
}
