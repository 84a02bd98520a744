import * as v from 'valibot'
import { loose } from '../model/decode.js'

/** A JSON object. Valibot's own object schemas take arrays too. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export const text = v.nullish(v.string())
export const anything = v.nullish(v.unknown())
export const filled = v.pipe(v.string(), v.nonEmpty('is empty'))
export const author = v.nullish(v.union([v.string(), loose({ name: text })], 'should be text or an object'))
