import type * as v from 'valibot'
import { wrongAt } from './decode.js'
import { type ErrorCode, fail } from './errors.js'
import { jsonPath } from './json.js'
import { nearest } from './nearest.js'

type Shape = v.GenericSchema & {
  entries?: Readonly<Record<string, v.GenericSchema>>
  wrapped?: v.GenericSchema
  item?: v.GenericSchema
  value?: v.GenericSchema
  options?: readonly v.GenericSchema[]
}

interface Place {
  source: string
  code: ErrorCode
  path?: readonly (string | number)[]
}

/** Refuses, before a strict schema decodes a value, what valibot lets pass (a list where an object belongs) or cannot explain (an unknown key: this
    names the key that was probably meant). */
export function refuseStrange(schema: v.GenericSchema, value: unknown, at: Place): void {
  const { type, wrapped, options, item, entries, value: values } = schema as Shape
  const inner = wrapped ?? (type === 'union' ? options?.find((option) => 'entries' in option) : undefined)
  if (inner !== undefined) {
    refuseStrange(inner, value, at)
    return
  }
  if (typeof value !== 'object' || value === null) return
  const isObject = entries !== undefined || type === 'record'
  if (isObject && Array.isArray(value)) wrongKind(at)
  if (!isObject && (item === undefined || !Array.isArray(value))) return
  for (const [key, part] of Object.entries(value)) {
    const step = { ...at, path: [...(at.path ?? []), item === undefined ? key : Number(key)] }
    refuseStrange(entries?.[key] ?? values ?? item ?? unknownKey(key, Object.keys(entries ?? {}), step), part, step)
  }
}

function wrongKind({ source, code, path = [] }: Place): never {
  return wrongAt({ file: source, keys: path }, 'should be an object, not a list', { code })
}

function unknownKey(key: string, known: readonly string[], { source, code, path = [] }: Place): never {
  const meant = nearest(key, known)
  return fail(code, `${source}: ${jsonPath(path)} is not a key haal knows`, {
    hint: meant === undefined ? `known here are ${known.join(', ')}` : `did you mean "${meant}"?`,
    details: { file: source, path: jsonPath(path), ...(meant !== undefined && { meant }) },
  })
}
