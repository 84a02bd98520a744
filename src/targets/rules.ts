import { type Document, documentOf, type Head, printDocument, stringIn, wordsIn } from './markdown.js'

/** When a rule holds: for files that match, or always. */
interface Rule extends Document {
  description: string | undefined
  /** Empty: always. */
  globs: readonly string[]
}

/** Keys under which tools write the files a rule is for. */
const scopes = ['applyTo', 'globs', 'paths', 'fileMatchPattern'] as const

function ruleOf(bytes: Uint8Array, head: Head): Rule {
  const globs = scopes.map((key) => wordsIn(Object.hasOwn(head, key) ? head[key] : undefined)).find((all) => all.length)
  const everywhere = globs?.some((glob) => glob === '**' || glob === '**/*') ?? true
  return {
    ...documentOf(bytes, head),
    description: stringIn(head, 'description'),
    globs: everywhere ? [] : (globs ?? []),
  }
}

/** A rule in the form of each tool that has rules. */
export const rules = {
  'rule-claude': (bytes: Uint8Array, head: Head): Uint8Array => {
    const rule = ruleOf(bytes, head)
    return printDocument(rule, { paths: rule.globs.length > 0 ? rule.globs : undefined })
  },
  'rule-cursor': (bytes: Uint8Array, head: Head): Uint8Array => {
    const rule = ruleOf(bytes, head)
    const { description, globs } = rule
    return printDocument(rule, { description, globs: joined(globs), alwaysApply: globs.length === 0 })
  },
  'rule-windsurf': (bytes: Uint8Array, head: Head): Uint8Array => {
    const rule = ruleOf(bytes, head)
    const { description, globs } = rule
    return printDocument(rule, {
      trigger: { word: globs.length > 0 ? 'glob' : 'always_on' },
      description,
      globs: joined(globs),
    })
  },
  'rule-kiro': (bytes: Uint8Array, head: Head): Uint8Array => {
    const rule = ruleOf(bytes, head)
    const { globs } = rule
    const pattern = globs.length > 1 ? globs : globs[0]
    return printDocument(rule, {
      inclusion: { word: pattern === undefined ? 'always' : 'fileMatch' },
      fileMatchPattern: pattern,
    })
  },
  /** Its own words are `applyTo`: a rule that has them stays as it is. */
  'rule-copilot': (bytes: Uint8Array, head: Head): Uint8Array => {
    if (Object.hasOwn(head, 'applyTo')) return bytes
    const rule = ruleOf(bytes, head)
    return printDocument(rule, { description: rule.description, applyTo: joined(rule.globs) ?? '**' })
  },
} as const

function joined(globs: readonly string[]): string | undefined {
  return globs.length === 0 ? undefined : globs.join(',')
}
