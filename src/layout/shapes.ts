import * as v from 'valibot'

/** A JSON object. Valibot's own object schemas take arrays too. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const record = v.custom<Record<string, unknown>>(isRecord, 'should be an object')

/** An object with these keys, others tolerated. */
export function loose<E extends v.ObjectEntries>(entries: E) {
  return v.pipe(record, v.looseObject(entries))
}

export const text = v.nullish(v.string())
export const anything = v.nullish(v.unknown())
export const filled = v.pipe(v.string(), v.nonEmpty('is empty'))
export const author = v.nullish(v.union([v.string(), loose({ name: text })], 'should be a string or an object'))
