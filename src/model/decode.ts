import * as v from 'valibot'
import { type ErrorCode, fail } from './errors.js'
import { jsonPath } from './json.js'

/** Reads a value that came from outside by its schema, or throws `code` with the JSON path of the first thing that is wrong. */
export function decode<S extends v.GenericSchema>(
  schema: S,
  value: unknown,
  source: string,
  code: ErrorCode,
): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return result.output
  const issue = result.issues[0]
  const path = jsonPath(issue.path?.map(({ key }) => key as string | number) ?? [])
  return fail(code, `${source}: ${path} ${wrong(issue)}`, { details: { file: source, path } })
}

/** A map from any key to values of one shape; a list is none, though JavaScript would let it pass. */
export function dictionary<S extends v.GenericSchema>(values: S) {
  return v.pipe(v.custom<Record<string, unknown>>(isDictionary, 'should be an object'), v.record(v.string(), values))
}

function isDictionary(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(issue: v.BaseIssue<unknown>): string {
  if (issue.type === 'strict_object' && issue.expected === 'never') return 'is not a key haal knows'
  if (issue.received === 'undefined') return 'is missing'
  if (issue.type === 'custom') return issue.message
  if (issue.kind === 'schema' && issue.expected !== null) return `should be ${issue.expected}, not ${issue.received}`
  return issue.message
}
