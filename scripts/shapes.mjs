/** What haal checks by functions, as far as a regular expression can say it: no pattern here refuses what haal takes. Written for the `u` flag, in which
    editors and validators read the patterns of a schema, and without others. `test/schemas` compares both sides. */

/** Any case of a word, as a pattern without flags has to say it. */
const anyCase = (word) => word.replace(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`)

const devices = anyCase('(?:con|prn|aux|nul|conin\\$|conout\\$|com[0-9¹²³]|lpt[0-9¹²³])')
const git = anyCase('(?:\\.git|git~[0-9]+)')
const unseen =
  '\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb\\u{e0000}-\\u{e00ff}\\u{e01f0}-\\u{e0fff}'
const refused = `<>:"|?*\\\\\\u0000-\\u001f\\u007f-\\u009f\\ufffd${unseen}`

/** One name of a file or folder that every platform takes. `more` are characters it may have besides, `end` is what ends the text. */
const segment = ({ more = '', end = '$' } = {}) => {
  const not = [...more].reduce((all, each) => all.replace(each, ''), refused)
  return `(?!${devices}(?:\\.|/|${end}))(?!${git}(?:/|${end}))[^/${not}]{0,99}[^/${not}. ]`
}

const path = (how) => `${segment(how)}(?:/${segment(how)}){0,31}`
const name = (words, how = { end: '$' }) =>
  `(?![.-])(?!${anyCase(`(?:${words.join('|')})`.toLowerCase())}${how.end})${path(how)}`

/** The patterns of haal's files. `kinds` are the kinds' own words, `words` these and their folders', `reserved` what no name can be. */
export function shapesOf({ kinds, words, reserved }) {
  const oneOf = (list) => `(?:${list.join('|')})`
  const kind = oneOf(kinds)
  const digest = 'sha256-[A-Za-z0-9+/]{43}='
  const artifact = `(?![Ss][Hh][Aa][0-9]+-)(?![\\s\\S]*(?:\\*\\*|[^/]@|[?[\\]{}]|[^\\S ]|//))(?![! /])(?:${oneOf(words)}/[\\s\\S]*[^ /]|[^/]*[^ /])`
  const ref = `${kind}/${name(reserved)}`
  const place = path()
  const part = '[A-Za-z0-9~-][A-Za-z0-9_.~-]*'
  return {
    digest: `^${digest}$`,
    /** A name of a registry. */
    registry: `^(?![\\s\\S]*#)(?:@|(?!@))${name(reserved)}$`,
    name: `^${name(reserved)}$`,
    /** A key of `artifacts`: what is asked for, without a version; a pattern, or with a registry before it. */
    wanted: `^(?!\\s*\\S[\\s\\S]*[^\\S ][\\s\\S]*\\S)(?!@?[^@]+@.)(?!\\s*@[^@:]*[^@:\\s]\\s*$)\\s*(?=\\S)(?:@?[^:@]+:)?(?:${oneOf(words)}/|(?!${oneOf(words)}/))(?:\\*|${name(reserved, { more: '*', end: '\\s*$' })})(?:@[^@]+)?\\s*$`,
    /** A key of `pins`: one artifact. */
    pinned: `^${kind}/[^*\\n\\r\\u2028\\u2029]+$`,
    ref: `^${ref}$`,
    place: `^${place}$`,
    /** A place below a registry, which may be the registry itself. */
    placeOrRoot: `^(?:${place})?$`,
    entry: `^(?:\\./)?${place}$`,
    file: `^${segment()}$`,
    target: `^(?:[a-z][a-z0-9-]+:(?!${anyCase('\\.haal(?:/|$)|haal\\.(?:json|lock)$')}))?${place}$`,
    copy: `^(?:${place}|(?:/(?![/\\\\])|[A-Za-z]:/)(?![\\s\\S]*[\\u0000-\\u001f\\u007f])(?!(?:[\\s\\S]*[/\\\\])?\\.\\.?(?:[/\\\\]|$))(?!(?:[\\s\\S]*[/\\\\])?${git}(?::|[. ]*(?:[/\\\\]|$)))[^\\n\\r\\u2028\\u2029]+)$`,
    artifact: `^(?:${digest}|${artifact})$`,
    oneArtifact: `^(?![\\s\\S]*\\*)${artifact}$`,
    version: '^(?:[A-Za-z0-9_.+-]+|\\*)$',
    pin: `^(?:${digest}$|(?![Ss][Hh][Aa][0-9]+-))`,
    web: `^${anyCase('https?')}://`,
    date: '^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:T[0-9:.]+Z)?$',
    key: '^(?![\\s\\S]*PRIVATE KEY)(?:\\s*-----BEGIN PUBLIC KEY-----|[A-Za-z0-9+/\\s]+={0,2}\\s*$)',
    location: '^(?![\\s\\S]*\\*\\*)(?!\\s*\\.{1,2}(?:[/\\\\]|\\s*$))',
    /** What an address of each type looks like; the others may be almost anything. */
    address: {
      url: `^\\s*${anyCase('https?')}:`,
      npm: `^(?:npm:)?(?:@${part}/)?${part}(?:[@#][\\s\\S]*)?$`,
      github: `^(?:${anyCase('github')}:)?(?:${anyCase('https?')}://)?(?:[A-Za-z0-9_.-]+(?::[0-9]+)?/)?[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+/?(?:#[\\s\\S]*)?$`,
    },
    origin: '^[^*]*:[^*]*$',
    webPath: '^/(?![\\s\\S]*\\*\\*)(?!(?:[\\s\\S]*/)?\\.\\.(?:/|$))',
    anyPath: '^(?![\\s\\S]*\\*\\*)',
    package: '^(?![\\s\\S]*\\*\\*)[^/]+(?:/[^/]+)?$',
  }
}
