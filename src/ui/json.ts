import type { Note } from '../model/artifact.js'
import type { HaalError } from '../model/errors.js'
import { escapeJson } from './escape.js'
import { redactAll } from './redact.js'

/** The one document that `--json` prints. */
type Document =
  | { schemaVersion: 1; command: string; ok: true; result: unknown; warnings?: readonly Note[] }
  | { schemaVersion: 1; command: string; ok: false; error: Failure; warnings?: readonly Note[] }

interface Failure {
  code: string
  exit: number
  message: string
  hint?: string
  details: Record<string, unknown>
}

/** `warnings` are those that the result does not carry itself. */
export function success(command: string, result: unknown, warnings: readonly Note[]): Document {
  return { schemaVersion: 1, command, ok: true, result, ...(warnings.length > 0 && { warnings }) }
}

/** `exit` may differ from the code's own: a signal has its number. */
export function failure(
  command: string,
  error: HaalError,
  { exit, warnings }: { exit: number; warnings: readonly Note[] },
): Document {
  const { code, message, hint, details } = error
  const said: Failure = { code, exit, message, ...(hint !== undefined && { hint }), details }
  return { schemaVersion: 1, command, ok: false, error: said, ...(warnings.length > 0 && { warnings }) }
}

/** One line. */
export function printDocument(document: object, secrets: Iterable<string>): string {
  const plain: unknown = JSON.parse(
    JSON.stringify(document, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)),
  )
  return `${escapeJson(JSON.stringify(redactAll(plain, secrets)))}\n`
}
