import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultBudget } from '../../src/intake/budget.js'
import { defaultTerms, type Incoming, takeIn } from '../../src/intake/take-in.js'
import { nodeDisk } from '../../src/io/disk.js'
import { type Pack, temporaryFor, writePack } from '../../src/io/pack.js'
import type { Artifact, Pointer } from '../../src/model/artifact.js'
import { listingDigest, sha256Hex } from '../../src/model/digest.js'
import { limits } from '../../src/model/limits.js'
import type { Tree } from '../../src/model/tree.js'
import { folder } from '../transport/reach.js'
import { literalTree } from './literal-tree.js'

const disk = nodeDisk()

function artifact(content: Partial<Pointer> = {}, more: Partial<Artifact> = {}): Incoming['artifact'] {
  return { kind: 'skill', name: 'a', form: 'folder', content: { path: 'skills/a', ...content }, ...more }
}

async function taken(tree: Tree, of = artifact(), terms = defaultTerms): Promise<Pack> {
  const at = path.join(folder(), 'p')
  const pack = writePack(disk, temporaryFor(at))
  await takeIn({ tree, artifact: of }, pack, terms)
  return pack.finish(at, 'label')
}

function refused(tree: Tree, code: string, of = artifact(), terms = defaultTerms) {
  return expect(taken(tree, of, terms)).rejects.toMatchObject({ code })
}

const names = (pack: Pack) => pack.files.map((file) => file.path)

describe('an artifact comes in', () => {
  test('[A27] [O9] with every file byte for byte, nested ones and executable bits too', async () => {
    const tree = literalTree({
      'skills/a/SKILL.md': '# a\r\n',
      'skills/a/scripts/deep/run.sh': { body: '#!/bin/sh\n', mode: 0o775 },
      'skills/a/data.bin': new Uint8Array([0, 255, 1, 254]),
      'skills/a/empty': '',
      'skills/ab/SKILL.md': 'another one',
    })
    const pack = await taken(tree)
    expect(pack.files.map(({ path: name, mode }) => [name, mode])).toEqual([
      ['SKILL.md', 0o644],
      ['data.bin', 0o644],
      ['empty', 0o644],
      ['scripts/deep/run.sh', 0o755],
    ])
    expect([...pack.read('data.bin')]).toEqual([0, 255, 1, 254])
    expect(Buffer.from(pack.read('SKILL.md')).toString()).toBe('# a\r\n')
  })

  test('with each file read once', async () => {
    const tree = literalTree({ 'skills/a/SKILL.md': 'x', 'skills/a/b': 'y' })
    await taken(tree)
    expect(tree.reads).toEqual(['skills/a/SKILL.md', 'skills/a/b'])
  })

  test('from the root of a registry', async () => {
    expect(names(await taken(literalTree({ 'SKILL.md': 'x', 'a/b': 'y' }), artifact({ path: '' })))).toEqual([
      'SKILL.md',
      'a/b',
    ])
  })

  test('as a single file, under its own name', async () => {
    const tree = literalTree({ 'agents/reviewer.md': 'x', 'agents/other.md': 'y' })
    const one = artifact({ path: 'agents/reviewer.md' }, { kind: 'agent', form: 'file' })
    expect(names(await taken(tree, one))).toEqual(['reviewer.md'])
  })

  test('in the parts that its index includes, each once', async () => {
    const tree = literalTree({
      'p/skills/a/SKILL.md': 'a',
      'p/skills/b/SKILL.md': 'b',
      'p/skills/c/SKILL.md': 'c',
      'p/x.md': 'x',
    })
    const parts = artifact({ path: 'p', include: ['skills/c', 'skills/a', 'skills/a/SKILL.md', 'x.md'] })
    expect(names(await taken(tree, parts))).toEqual(['skills/a/SKILL.md', 'skills/c/SKILL.md', 'x.md'])
  })

  test('with what only its index defines, where it has no such file itself', async () => {
    const made = { '.claude-plugin/plugin.json': '{}', 'README.md': 'made' }
    const pack = await taken(literalTree({ 'p/readme.md': 'own', 'p/z.md': 'z' }), artifact({ path: 'p', made }))
    expect(names(pack)).toEqual(['.claude-plugin/plugin.json', 'readme.md', 'z.md'])
  })

  test('as what the system left there: nothing is taken away', async () => {
    expect(names(await taken(literalTree({ 'skills/a/SKILL.md': 'x', 'skills/a/.DS_Store': 'y' })))).toEqual([
      '.DS_Store',
      'SKILL.md',
    ])
  })

  test('as a bundle: one canonical file, the same for the same members', async () => {
    const bundle = (definition: NonNullable<Pointer['definition']>) =>
      artifact({ path: '', definition }, { kind: 'bundle' })
    const one = await taken(literalTree({}), bundle(['skill/b', 'agent/a', 'skill/b']))
    const two = await taken(literalTree({}), bundle(['agent/a', 'skill/b']))
    expect(names(one)).toEqual(['bundle.json'])
    expect(JSON.parse(Buffer.from(one.read('bundle.json')).toString())).toEqual({ members: ['agent/a', 'skill/b'] })
    expect(two.files).toEqual(one.files)
  })

  test('with a file that only its index defines, where the registry has none of that name', async () => {
    const made = { '.claude-plugin/plugin.json': '{"name":"a"}' }
    const alone = await taken(literalTree({ 'skills/a/SKILL.md': 'x' }), artifact({ made }))
    expect(names(alone).sort()).toEqual(['.claude-plugin/plugin.json', 'SKILL.md'])
    expect(Buffer.from(alone.read('.claude-plugin/plugin.json')).toString()).toBe('{"name":"a"}')
    const beside = literalTree({ 'skills/a/.Claude-Plugin/Plugin.json': 'its own' })
    expect(names(await taken(beside, artifact({ made })))).toEqual(['.Claude-Plugin/Plugin.json'])
  })

  test('[S2] from a source that does not tell sizes before it is read', async () => {
    const pack = await taken(literalTree({ 'skills/a/SKILL.md': { body: 'hello', size: -1 } }))
    expect(pack.files.map((file) => file.size)).toEqual([5])
  })
})

describe('[S1] an artifact is refused whole', () => {
  test('for a link in it, before anything is read', async () => {
    const tree = literalTree({ 'skills/a/SKILL.md': 'x', 'skills/a/z': { type: 'link' } })
    await refused(tree, 'E_ENTRY_TYPE')
    expect(tree.reads).toEqual([])
  })

  test('for git’s own folder in it: hostile A19', () =>
    refused(literalTree({ 'skills/a/SKILL.md': 'x', 'skills/a/.git/config': 'y' }), 'E_PATH_FORBIDDEN'))

  test('for twins in it: hostile A05', () =>
    refused(literalTree({ 'skills/a/SKILL.md': 'x', 'skills/a/skill.md': 'y' }), 'E_PATH_COLLISION'))

  test('for setuid in it: hostile A18', () =>
    refused(literalTree({ 'skills/a/run': { mode: 0o4755 } }), 'E_ENTRY_MODE'))

  test('[S9] for hidden text in it: hostile M10', () =>
    refused(literalTree({ 'skills/a/SKILL.md': 'x', 'skills/a/scripts/run.py': '# \u{e0041}' }), 'E_HIDDEN_UNICODE'))

  test('[S9] for hidden text in what only its index defines: hostile M10', () => {
    const made = { '.claude-plugin/plugin.json': '{"description":"\u{e0041}"}' }
    return refused(literalTree({ 'p/SKILL.md': 'x' }), 'E_HIDDEN_UNICODE', artifact({ path: 'p', made }))
  })

  test('for a twin of what only its index defines', () => {
    const made = { '.claude-plugin/plugin.json': '{}' }
    return refused(literalTree({ 'p/.Claude-Plugin/x': 'x' }), 'E_PATH_COLLISION', artifact({ path: 'p', made }))
  })

  test('[S9] unless policy allows hidden text', async () => {
    const tree = literalTree({ 'skills/a/SKILL.md': 'a\u202eb' })
    expect(names(await taken(tree, artifact(), { ...defaultTerms, hiddenUnicode: 'allow' }))).toEqual(['SKILL.md'])
  })

  test('for what lies beside it: no', async () => {
    const tree = literalTree({ 'skills/a/SKILL.md': 'x', 'skills/b/l': { type: 'link' }, 'skills/b/CON': 'y' })
    expect(names(await taken(tree))).toEqual(['SKILL.md'])
  })

  test('where a file is not as long as it was listed', () =>
    refused(literalTree({ 'skills/a/SKILL.md': { body: 'hello', size: 4 } }), 'E_CHANGED'))

  test('where the tree is no longer what it was', async () => {
    const looked: string[] = []
    const tree = {
      ...literalTree({ 'p/a/x': 'x', 'p/b/y': 'y' }),
      lookAgain: async (under: string) => void looked.push(under),
    }
    await taken(tree, artifact({ path: 'p', include: ['a', 'b'] }))
    expect(looked).toEqual(['p/a', 'p/b'])
  })
})

describe('the path of an artifact in the registry', () => {
  const tree = literalTree({ 'skills/a/SKILL.md': 'x', skills2: 'file', l: { type: 'link' } })
  const rows: [what: string, content: Pointer, code: string][] = [
    ['leads out', { path: '../other' }, 'E_PATH_ESCAPE'],
    ['leads out on a way round', { path: 'a/../../b' }, 'E_PATH_ESCAPE'],
    ['is absolute', { path: '/' }, 'E_PATH_ABSOLUTE'],
    ['has a drive letter', { path: 'C:/x' }, 'E_PATH_ABSOLUTE'],
    ['includes what leads out', { path: 'skills', include: ['../x'] }, 'E_PATH_ESCAPE'],
    ['is a link', { path: 'l' }, 'E_ENTRY_TYPE'],
    ['is a file where a folder is promised', { path: 'skills2' }, 'E_ENTRY_MISSING'],
    ['is not there', { path: 'skills/none' }, 'E_ENTRY_MISSING'],
    ['includes what is not there', { path: 'skills', include: ['a', 'none'] }, 'E_ENTRY_MISSING'],
  ]
  for (const [what, content, code] of rows)
    test(`[A19] [S1] that ${what} is refused: hostile G16`, () => refused(tree, code, artifact(content)))

  test('[S1] that is a folder where a file is promised is refused', () =>
    refused(tree, 'E_ENTRY_MISSING', artifact({ path: 'skills/a' }, { form: 'file' })))

  test('[A22] that is not there: the error names artifact and path', () =>
    expect(taken(tree, artifact({ path: 'skills/none' }))).rejects.toThrow(
      'skill/a: the registry has no files at skills/none',
    ))
})

describe('[S2] a budget refuses an artifact and is named', () => {
  const terms = { ...defaultTerms, budget: { entries: 2, artifact: 10, file: 8 } }

  test('not at exactly what it allows', async () => {
    const tree = literalTree({ 'skills/a/1': 'x'.repeat(8), 'skills/a/2': 'x'.repeat(2) })
    expect(names(await taken(tree, artifact(), terms))).toEqual(['1', '2'])
  })

  test('bytes of a file that only its index defines', () =>
    refused(
      literalTree({ 'skills/a/1': '' }),
      'E_LIMIT_SIZE',
      artifact({ made: { 'plugin.json': 'x'.repeat(9) } }),
      terms,
    ))

  test('entries', () =>
    expect(
      taken(literalTree({ 'skills/a/1': '', 'skills/a/2': '', 'skills/a/3': '' }), artifact(), terms),
    ).rejects.toMatchObject({
      code: 'E_LIMIT_ENTRIES',
      details: { budget: 'entries', limit: 2 },
    }))

  test('bytes of one file', () =>
    expect(taken(literalTree({ 'skills/a/1': 'x'.repeat(9) }), artifact(), terms)).rejects.toMatchObject({
      code: 'E_LIMIT_SIZE',
      details: { budget: 'file', limit: 8 },
    }))

  test('bytes of all files', () =>
    expect(
      taken(literalTree({ 'skills/a/1': 'x'.repeat(6), 'skills/a/2': 'x'.repeat(6) }), artifact(), terms),
    ).rejects.toMatchObject({
      code: 'E_LIMIT_SIZE',
      details: { budget: 'artifact', limit: 10 },
    }))

  test('before anything is read, where sizes are known', async () => {
    const tree = literalTree({ 'skills/a/1': '', 'skills/a/2': { size: 40 * 1024 * 1024 } })
    await refused(tree, 'E_LIMIT_SIZE')
    expect(tree.reads).toEqual([])
  })

  test('while it is read, where they are not', () =>
    refused(literalTree({ 'skills/a/1': { body: 'x'.repeat(9), size: -1 } }), 'E_LIMIT_SIZE', artifact(), terms))

  test('as documented, where nobody says otherwise', () =>
    expect(defaultBudget).toEqual({ entries: 10_000, artifact: limits.expanded, file: 32 * 1024 * 1024 }))
})

describe('the digest that an index promises', () => {
  const tree = literalTree({ 'skills/a/SKILL.md': 'x' })
  const right = listingDigest([{ path: 'SKILL.md', mode: 0o644, sha256: sha256Hex('x') }])

  test('[S1] lets the artifact in where it is right', async () => {
    expect(names(await taken(tree, artifact({}, { integrity: right })))).toEqual(['SKILL.md'])
  })

  test('[S1] refuses it where it is wrong: hostile A30', () =>
    expect(taken(tree, artifact({}, { integrity: listingDigest([]) }))).rejects.toMatchObject({
      code: 'E_INTEGRITY',
      details: { expected: listingDigest([]), actual: right },
    }))
})

test('[S1] whatever order a source lists in, the same comes in', async () => {
  const files = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c/d', 'c/e', 'f.md', 'z/y/x'), fc.string()), {
    selector: ([name]) => name,
    minLength: 1,
  })
  await fc.assert(
    fc.asyncProperty(files, async (all) => {
      const tree = (list: typeof all) =>
        literalTree(Object.fromEntries(list.map(([name, body]) => [`skills/a/${name}`, body])))
      const terms = { ...defaultTerms, hiddenUnicode: 'allow' } as const
      const one = await taken(tree(all), artifact(), terms)
      const two = await taken(tree(all.toReversed()), artifact(), terms)
      expect(two.files).toEqual(one.files)
    }),
    { numRuns: 30 },
  )
})
