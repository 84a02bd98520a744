import { kindNames, kindOf, kinds } from '../../model/kinds.js'

/** Paths at which registries with a folder for each kind keep what is asked for by name: `skill/review` in `skills/review`. Of a pattern, and of what is
    no request, there are none. */
export function likelyPlaces(requests: readonly string[]): string[] {
  return requests.flatMap((request) => {
    const [, word, name] = /^(?:@?[^:@]+:)?(?:(\w+)\/)?([^*@/]+)(?:@[^@]+)?$/.exec(request) ?? []
    const kind = word === undefined ? undefined : kindOf(word)
    if (name === undefined || (word !== undefined && kind === undefined)) return []
    return (kind ? [kind] : kindNames).flatMap((each) => {
      const { folder } = kinds[each]
      return folder === null ? [] : ['', '.md', '.json'].map((ending) => `${folder}/${name}${ending}`)
    })
  })
}
