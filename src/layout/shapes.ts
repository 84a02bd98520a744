import * as v from 'valibot'
import { loose } from '../model/decode.js'

export const text = v.nullish(v.string())
export const anything = v.nullish(v.unknown())
export const filled = v.pipe(v.string(), v.nonEmpty('is empty'))
export const author = v.nullish(v.union([v.string(), loose({ name: text })], 'should be text or an object'))
