import { type Document, documentOf, type Head, printDocument, stringIn, textOf, wordsIn } from './markdown.js'

/** When a rule holds: for files that match, always, or when it is asked for. */
interface Rule extends Document {
  description: string | undefined
  /** Empty: not by files. */
  globs: readonly string[]
  /** Who brings it in; undefined where files do, or it always holds. */
  asked: 'agent' | 'person' | undefined
}

/** Keys under which tools write the files a rule is for. */
const scopes = ['applyTo', 'globs', 'paths', 'fileMatchPattern'] as const

const ruleKeys: ReadonlySet<string> = new Set([...scopes, 'description', 'alwaysApply', 'trigger', 'inclusion'])

/** What tools write for a rule that holds neither always nor for files, but when it is asked for. Values in a head are text. */
const onDemand = {
  alwaysApply: ['false'],
  trigger: ['model_decision', 'manual'],
  inclusion: ['auto', 'manual'],
} as const

function ruleOf(bytes: Uint8Array, read: Head): Rule {
  const head = Object.keys(read).length > 0 ? read : plainHead(textOf(bytes))
  const globs = scopes.map((key) => wordsIn(Object.hasOwn(head, key) ? head[key] : undefined)).find((all) => all.length)
  const everywhere = globs?.some((glob) => glob === '**' || glob === '**/*') ?? true
  const description = stringIn(head, 'description')
  return {
    ...documentOf(bytes, head),
    description,
    globs: everywhere || stringIn(head, 'alwaysApply') === 'true' ? [] : (globs ?? []),
    asked: globs === undefined ? askedBy(head, description) : undefined,
  }
}

/** Cursor writes `globs: *.ts`, which is no YAML. A head of nothing but the keys of rules is read line by line; of any other, nothing. */
function plainHead(text: string): Head {
  const inner = /^---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text)?.[1] ?? ''
  const lines = inner.split(/\r?\n/).filter((line) => line.trim() !== '')
  const pairs = lines.map((line) => /^([A-Za-z]+):(?:[ \t]+([^\s[{|>&!%@`"'#].*))?$/.exec(line.trimEnd()))
  const isPlain = pairs.every((pair) => pair !== null && ruleKeys.has(pair[1] ?? ''))
  return isPlain ? Object.fromEntries(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? ''])) : {}
}

/** Who asks for the rule. An agent can choose one only by its description. */
function askedBy(head: Head, description: string | undefined): Rule['asked'] {
  const said = Object.entries(onDemand).some(([key, values]) => values.some((value) => value === stringIn(head, key)))
  if (!said) return undefined
  const byPerson = description === undefined || [head.trigger, head.inclusion].includes('manual')
  return byPerson ? 'person' : 'agent'
}

/** A rule in the form of each tool that has rules. */
export const rules = {
  'rule-claude': (bytes: Uint8Array, head: Head): Uint8Array => {
    const rule = ruleOf(bytes, head)
    return printDocument(rule, { paths: rule.globs.length > 0 ? rule.globs : undefined })
  },
  'rule-cursor': (bytes: Uint8Array, head: Head): Uint8Array => {
    const rule = ruleOf(bytes, head)
    const { description, globs, asked } = rule
    return printDocument(rule, {
      description,
      globs: joined(globs),
      alwaysApply: globs.length === 0 && asked === undefined,
    })
  },
  'rule-windsurf': (bytes: Uint8Array, head: Head): Uint8Array => {
    const rule = ruleOf(bytes, head)
    const { description, globs, asked } = rule
    const otherwise = asked === undefined ? 'always_on' : asked === 'agent' ? 'model_decision' : 'manual'
    return printDocument(rule, {
      trigger: { word: globs.length > 0 ? 'glob' : otherwise },
      description,
      globs: joined(globs),
    })
  },
  'rule-kiro': (bytes: Uint8Array, head: Head): Uint8Array => {
    const rule = ruleOf(bytes, head)
    const { globs, asked } = rule
    const pattern = globs.length > 1 ? globs : globs[0]
    const otherwise = asked === undefined ? 'always' : 'manual'
    return printDocument(rule, {
      inclusion: { word: pattern === undefined ? otherwise : 'fileMatch' },
      fileMatchPattern: pattern,
    })
  },
  /** A rule that has Copilot's own key, `applyTo`, stays as it is. Without that key an instruction comes in when it is asked for. */
  'rule-copilot': (bytes: Uint8Array, head: Head): Uint8Array => {
    if (Object.hasOwn(head, 'applyTo')) return bytes
    const rule = ruleOf(bytes, head)
    const applyTo = rule.asked === undefined ? (joined(rule.globs) ?? '**') : undefined
    return printDocument(rule, { description: rule.description, applyTo })
  },
} as const

function joined(globs: readonly string[]): string | undefined {
  return globs.length === 0 ? undefined : globs.join(',')
}
