import * as v from 'valibot'
import { shortText, wholeNumber } from './decode.js'
import { pinned, readKey, type WrittenKeys } from './public-keys.js'

const key = v.pipe(
  shortText,
  v.rawCheck(({ dataset, addIssue }) => {
    const read = dataset.typed ? readKey(dataset.value) : { wrong: 'is no key' }
    if ('wrong' in read) addIssue({ message: read.wrong })
  }),
)

const date = v.pipe(
  shortText,
  v.check(
    (written) => /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(written) && !Number.isNaN(Date.parse(written)),
    'is no date such as 2027-01-31 or 2027-01-31T12:00:00Z',
  ),
)

/** Whose signatures count, as policies and configurations write it. */
export const keysSchema = {
  keys: v.pipe(
    v.array(v.union([key, v.strictObject({ key, until: v.optional(date) })])),
    v.minLength(1, 'names no key'),
  ),
  threshold: v.optional(wholeNumber(1)),
  id: v.optional(shortText),
}

/** For an object that has these keys: a threshold that nobody can reach is a mistake. */
export function reachable<T extends WrittenKeys>() {
  const isReachable = ({ keys, threshold = 1 }: T) =>
    threshold <= new Set(pinned({ keys }).keys.map(({ text: one }) => one)).size
  return v.check<T, string>(isReachable, 'asks for more signatures than it names keys')
}
