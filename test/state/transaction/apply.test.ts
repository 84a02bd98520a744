import fs from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fail, HaalError } from '../../../src/model/errors.js'
import { readLock } from '../../../src/state/lockfile.js'
import { apply } from '../../../src/state/transaction/apply.js'
import { recover } from '../../../src/state/transaction/recover.js'
import { depot, dying, faulty, locked, lockOf, planOf, siteAt, snapshot, temporaryFolder, write } from '../project.js'

const stock = depot()
const first = await stock.take({ 'SKILL.md': 'one', 'scripts/run.sh': ['run one'], 'deep/a/b.txt': 'b' })
const second = await stock.take({ 'SKILL.md': 'two', 'other.md': 'new' })
const single = await stock.take({ 'reviewer.md': 'review' })
let root = ''
beforeEach(() => {
  root = temporaryFolder()
})
afterEach(() => fs.rmSync(root, { recursive: true }))
afterAll(() => stock.remove())

const skill = '.haal/skills/review'
const isState = (name: string) => name.startsWith('.haal/.state')
const project = () => Object.fromEntries(Object.entries(snapshot(root)).filter(([name]) => !isState(name)))
const site = (more = {}) => siteAt(root, stock, more)
const installed = lockOf({ 'skill/review': locked(first) })
const install = () => planOf(root, installed, [{ shown: skill, after: { from: 'store', integrity: first } }])

describe('what apply writes', () => {
  test('[U9] what listens may throw at the very end: by then everything is cleared away', async () => {
    const emit = ({ type }: { type: string }) => {
      if (type === 'end') throw new TypeError('the listener failed')
    }
    await apply(install(), site())
    const to = lockOf({ 'skill/review': locked(second) })
    const update = planOf(root, to, [{ shown: skill, after: { from: 'store', integrity: second } }])
    await expect(apply(update, site({ emit }))).rejects.toThrow('the listener failed')
    expect(fs.readdirSync(path.join(root, '.haal/.state')).sort()).toEqual(['.gitignore', 'boot.json', 'generations'])
    expect(fs.readdirSync(path.join(root, '.haal/skills'))).toEqual(['review'])
  })

  test('[O2 O9] an artifact with its folders and executable bits, haal.json, haal.lock and a generation', async () => {
    expect(await apply(install(), site())).toBe(1)
    expect(project()).toEqual({
      '.haal/': 'folder',
      '.haal/skills/': 'folder',
      '.haal/skills/review/': 'folder',
      '.haal/skills/review/SKILL.md': '- one',
      '.haal/skills/review/deep/': 'folder',
      '.haal/skills/review/deep/a/': 'folder',
      '.haal/skills/review/deep/a/b.txt': '- b',
      '.haal/skills/review/scripts/': 'folder',
      '.haal/skills/review/scripts/run.sh': 'x run one',
      'haal.json': '- {"artifacts":{"skill/review":"*"}}\n',
      'haal.lock': expect.stringContaining(first),
    })
    expect(readLock(site().disk, path.join(root, 'haal.lock'))).toEqual(installed)
    expect(fs.readdirSync(path.join(root, '.haal/.state')).sort()).toEqual(['.gitignore', 'boot.json', 'generations'])
    expect(fs.readFileSync(path.join(root, '.haal/.state/.gitignore'), 'utf8')).toBe('*\n')
  })

  test.each(['.mcp.json', 'haal.json', 'haal.lock'])(
    '[L12] %s that was made read-only is not replaced',
    async (name) => {
      await apply(install(), site())
      write(root, { '.mcp.json': '{}' })
      fs.chmodSync(path.join(root, name), 0o444)
      const before = snapshot(root)
      const bytes = { from: 'bytes', bytes: Buffer.from('{"a":1}') } as const
      const to = lockOf({ 'skill/review': locked(second), 'skill/other': locked(first) })
      await expect(apply(planOf(root, to, [{ shown: '.mcp.json', after: bytes }]), site())).rejects.toThrow(
        expect.objectContaining({ code: 'E_DISK', message: `${path.join(root, name)}: the file is read-only` }),
      )
      expect(snapshot(root)).toEqual(before)
    },
  )

  test('an artifact of one file, files under a tool’s own names, and merged bytes that keep a file’s mode', async () => {
    write(root, { '.mcp.json': '{}' })
    fs.chmodSync(path.join(root, '.mcp.json'), 0o600)
    const steps = [
      { shown: '.haal/agents/reviewer.md', after: { from: 'store', integrity: single, file: 'reviewer.md' } as const },
      {
        shown: '.claude/skills/review',
        after: { from: 'store', integrity: second, rename: { 'other.md': 'sub/x.md' } } as const,
      },
      { shown: '.mcp.json', after: { from: 'bytes', bytes: Buffer.from('{"a":1}') } as const },
    ]
    await apply(planOf(root, installed, steps), site())
    expect(project()).toMatchObject({
      '.haal/agents/reviewer.md': '- review',
      '.claude/skills/review/SKILL.md': '- two',
      '.claude/skills/review/sub/x.md': '- new',
      '.mcp.json': '- {"a":1}',
    })
    expect(fs.statSync(path.join(root, '.mcp.json')).mode & 0o777).toBe(0o600)
  })

  test('[O15] an update leaves no file of the old', async () => {
    await apply(install(), site())
    const to = lockOf({ 'skill/review': locked(second) })
    expect(await apply(planOf(root, to, [{ shown: skill, after: { from: 'store', integrity: second } }]), site())).toBe(
      2,
    )
    expect(Object.keys(project()).filter((name) => name.startsWith(skill))).toEqual([
      `${skill}/`,
      `${skill}/SKILL.md`,
      `${skill}/other.md`,
    ])
  })

  test('a command that leaves haal.lock as it is commits too', async () => {
    await apply(install(), site())
    fs.rmSync(path.join(root, skill), { recursive: true })
    expect(await apply(install(), site())).toBe(2)
    expect(project()).toHaveProperty([`${skill}/SKILL.md`], '- one')
    expect(fs.readdirSync(path.join(root, '.haal/.state')).sort()).toEqual(['.gitignore', 'boot.json', 'generations'])
  })

  test('a merged file that is linked to another place of the project is written there', async () => {
    write(root, { 'dotfiles/mcp.json': '{}' })
    fs.symlinkSync('dotfiles/mcp.json', path.join(root, '.mcp.json'))
    const after = { from: 'bytes', bytes: Buffer.from('new') } as const
    await apply(planOf(root, installed, [{ shown: '.mcp.json', after }]), site())
    expect(project()).toMatchObject({ '.mcp.json': 'link to dotfiles/mcp.json', 'dotfiles/mcp.json': '- new' })
  })
})

describe('what apply takes away', () => {
  const remove = () => planOf(root, lockOf({}), [{ shown: skill, after: { from: 'nothing' } }])

  test('[O3] exactly what was there, and the folders that became empty', async () => {
    await apply(install(), site())
    await apply(remove(), site())
    expect(Object.keys(project())).toEqual(['.haal/', 'haal.json', 'haal.lock'])
  })

  test('[O3] a folder in which a person has something stays', async () => {
    await apply(install(), site())
    write(root, { '.haal/skills/mine/SKILL.md': 'mine' })
    await apply(remove(), site())
    expect(project()).toMatchObject({ '.haal/skills/mine/SKILL.md': '- mine' })
    expect(fs.existsSync(path.join(root, skill))).toBe(false)
  })

  test('[O3] files that a person edited or added stay where they are, untouched', async () => {
    await apply(install(), site())
    write(root, { [`${skill}/SKILL.md`]: 'edited', [`${skill}/deep/mine.txt`]: 'mine' })
    fs.symlinkSync('SKILL.md', path.join(root, skill, 'link'))
    const before = fs.statSync(path.join(root, skill, 'SKILL.md'))
    const after = { from: 'kept', files: ['SKILL.md', 'deep/mine.txt', 'link'] } as const
    await apply(planOf(root, lockOf({}), [{ shown: skill, after }]), site())
    expect(Object.keys(project()).filter((name) => name.startsWith(skill))).toEqual([
      `${skill}/`,
      `${skill}/SKILL.md`,
      `${skill}/deep/`,
      `${skill}/deep/mine.txt`,
      `${skill}/link`,
    ])
    const { ino, mtimeMs } = fs.statSync(path.join(root, skill, 'SKILL.md'))
    expect({ ino, mtimeMs }).toEqual({ ino: before.ino, mtimeMs: before.mtimeMs })
  })

  test('[L16] what --force takes the place of is kept aside, and the path is told', async () => {
    await apply(install(), site())
    write(root, { [`${skill}/SKILL.md`]: 'edited' })
    const after = { from: 'store', integrity: second } as const
    const told = site()
    await apply(planOf(root, installed, [{ shown: skill, after, saveOld: true }]), told)
    const kept = '.haal/.state/saved/2/.haal/skills/review'
    expect(snapshot(root)).toMatchObject({ [`${kept}/SKILL.md`]: '- edited', [`${kept}/scripts/run.sh`]: 'x run one' })
    expect(project()).toHaveProperty([`${skill}/SKILL.md`], '- two')
    expect(told.events).toContainEqual({
      type: 'warning',
      note: { code: 'W_SAVED', message: `what you had at ${skill} is kept in ${kept}` },
    })
  })

  describe('where a tool’s folder is on another file system', () => {
    const shown = '.claude/skills/review'
    const kept = '.haal/.state/saved/2/.claude/skills/review'
    const step = { shown, after: { from: 'store', integrity: second }, saveOld: true } as const
    const force = () => planOf(root, installed, [step])
    const names = (folder: string) => fs.readdirSync(path.join(root, folder)).sort()
    const twoDisks = () =>
      faulty(site().disk, {
        before: ({ name, args }) => {
          const [from, to] = args.map((at) => String(at).startsWith(path.join(root, '.claude')))
          if (name === 'rename' && from !== to) fail('E_DISK', 'is elsewhere', { details: { errno: 'EXDEV' } })
        },
      })
    const edit = async (more: Parameters<typeof write>[1] = {}) => {
      await apply(planOf(root, installed, [{ ...step, after: { from: 'store', integrity: first } }]), site())
      write(root, { [`${shown}/SKILL.md`]: 'edited', ...more })
    }

    test('[L16] what --force takes the place of is kept aside all the same, and not among the skills of the tool', async () => {
      await edit()
      const told = site({ disk: twoDisks() })
      await apply(force(), told)
      expect(snapshot(path.join(root, kept))).toEqual({
        'SKILL.md': '- edited',
        'deep/': 'folder',
        'deep/a/': 'folder',
        'deep/a/b.txt': '- b',
        'scripts/': 'folder',
        'scripts/run.sh': 'x run one',
      })
      expect(names('.claude/skills')).toEqual(['review'])
      expect(told.events).toContainEqual({
        type: 'warning',
        note: { code: 'W_SAVED', message: `what you had at ${shown} is kept in ${kept}` },
      })
    })

    test('[L11 L16] it is kept whole wherever haal is killed', async () => {
      for (let at = 1, done = false; !done; at += 1) {
        fs.rmSync(root, { recursive: true })
        root = temporaryFolder()
        await edit()
        const disk = dying(twoDisks(), at)
        done = await apply(force(), site({ disk })).then(
          () => true,
          () => false,
        )
        recover(site({ disk: twoDisks() }))
        const there = snapshot(root)
        const isBack = there[`${shown}/SKILL.md`] === '- edited'
        expect(there, `killed at ${at}`).toMatchObject({
          [`${isBack ? shown : kept}/SKILL.md`]: '- edited',
          [`${isBack ? shown : kept}/scripts/run.sh`]: 'x run one',
        })
        expect(names('.claude/skills'), `killed at ${at}`).toEqual(['review'])
        expect(Object.keys(there).join('\n'), `killed at ${at}`).not.toContain('.haal-')
      }
    })

    test('[L16] what haal cannot copy, a link in it, say, stays beside', async () => {
      await edit()
      fs.symlinkSync('SKILL.md', path.join(root, shown, 'link'))
      await apply(force(), site({ disk: twoDisks() }))
      expect(names('.claude/skills')).toEqual(['review', 'review.haal-saved'])
      expect(snapshot(root)).toMatchObject({
        [`${shown}.haal-saved/SKILL.md`]: '- edited',
        [`${shown}.haal-saved/link`]: 'link to SKILL.md',
      })
    })

    test('[L12 L16] where there is no room for a copy it stays beside, whole', async () => {
      await edit()
      const disk = faulty(twoDisks(), {
        before: ({ name, path: at }) => {
          if (name === 'write' && at.endsWith('b.txt') && at.includes('/saved/')) fail('E_DISK', `${at}: no space left`)
        },
      })
      await apply(force(), site({ disk }))
      expect(names('.claude/skills')).toEqual(['review', 'review.haal-saved'])
      expect(snapshot(root)).toMatchObject({ [`${shown}.haal-saved/deep/a/b.txt`]: '- b' })
      expect(Object.keys(snapshot(root)).join('\n')).not.toContain('.haal-part')
    })
  })

  test('a link at a place is taken away, never what it leads to', async () => {
    write(root, { 'elsewhere/SKILL.md': 'theirs' })
    fs.mkdirSync(path.join(root, '.haal/skills'), { recursive: true })
    fs.symlinkSync('../../elsewhere', path.join(root, skill))
    await apply(install(), site())
    expect(project()).toMatchObject({ 'elsewhere/SKILL.md': '- theirs', [`${skill}/SKILL.md`]: '- one' })
  })
})

describe('F01: what is not what it seems', () => {
  const unsafe: [string, () => void, string][] = [
    ['.haal is a link out', () => fs.symlinkSync('/', path.join(root, '.haal')), 'E_STATE_UNSAFE'],
    ['.haal is a link beside', () => fs.symlinkSync('../other', path.join(root, '.haal')), 'E_STATE_UNSAFE'],
    ['.haal is a link within', () => link('other', '.haal'), 'E_STATE_UNSAFE'],
    ['.haal is a file', () => write(root, { '.haal': '' }), 'E_STATE_UNSAFE'],
    ['.haal/.state is a link', () => link('other', '.haal/.state'), 'E_STATE_UNSAFE'],
    ['.haal/.state/generations is a link', () => link('other', '.haal/.state/generations'), 'E_STATE_UNSAFE'],
    ['.haal/skills is a link', () => link('other', '.haal/skills'), 'E_STATE_UNSAFE'],
    ['.haal/skills is a file', () => write(root, { '.haal/skills': '' }), 'E_STATE_UNSAFE'],
    ['a tool’s folder leads out', () => link('/tmp', '.claude'), 'E_STATE_UNSAFE'],
    ['a tool’s folder leads nowhere', () => fs.symlinkSync('nowhere', path.join(root, '.claude')), 'E_STATE_UNSAFE'],
    ['a tool’s folder is a file', () => write(root, { '.claude': '' }), 'E_CONFLICT'],
    ['a merged file leads out', () => fs.symlinkSync('/etc/hostname', path.join(root, '.mcp.json')), 'E_STATE_UNSAFE'],
  ]
  const link = (target: string, at: string) => {
    fs.mkdirSync(path.join(root, 'other'), { recursive: true })
    fs.mkdirSync(path.dirname(path.join(root, at)), { recursive: true })
    fs.symlinkSync(path.isAbsolute(target) ? target : path.join(root, target), path.join(root, at))
  }
  const everywhere = () =>
    planOf(root, installed, [
      { shown: skill, after: { from: 'store', integrity: first } },
      { shown: '.claude/skills/review', after: { from: 'store', integrity: first } },
      { shown: '.mcp.json', after: { from: 'bytes', bytes: Buffer.from('x') } },
    ])

  test.each(unsafe)('[S1] %s: refused, nothing written', async (_what, make, code) => {
    make()
    const before = snapshot(root)
    await expect(apply(everywhere(), site())).rejects.toMatchObject({ code })
    expect(snapshot(root)).toEqual(before)
  })

  test('[U3] a file in the place of a folder of haal’s is to be moved away, a link to be looked at', async () => {
    write(root, { '.haal': '' })
    await expect(apply(everywhere(), site())).rejects.toMatchObject({ hint: 'move it away: mv .haal .haal.mine' })
    fs.rmSync(path.join(root, '.haal'))
    link('other', '.haal')
    await expect(apply(everywhere(), site())).rejects.toMatchObject({ hint: expect.stringMatching(/: ls -ld \.haal$/) })
  })

  test('[S1] a tool’s folder that is shared within the project is written through', async () => {
    link('other', '.claude')
    await apply(everywhere(), site())
    expect(project()).toHaveProperty(['other/skills/review/SKILL.md'], '- one')
  })
})

describe('what comes in the way', () => {
  test('something that appeared since the plan was made is a conflict, nothing written (hostile F05)', async () => {
    write(root, { [`${skill}/SKILL.md`]: 'mine' })
    const before = snapshot(root)
    const after = { from: 'store', integrity: first } as const
    const late = apply(planOf(root, installed, [{ shown: skill, after, onlyIfAbsent: true }]), site())
    await expect(late).rejects.toMatchObject({ code: 'E_CONFLICT', message: expect.stringContaining(skill) })
    expect(snapshot(root)).toEqual(before)
  })

  const late = (make: () => void) =>
    faulty(site().disk, {
      before: ({ name, path: at }) => {
        if (name === 'rename' && at.endsWith('swapping.json')) make()
      },
    })

  test.each([
    ['a file', () => write(root, { [skill]: 'mine' }), '- mine'],
    ['a folder', () => write(root, { [`${skill}/SKILL.md`]: 'mine' }), 'folder'],
    ['a link', () => fs.symlinkSync('nowhere', path.join(root, skill)), 'link to nowhere'],
  ])('%s that appears while haal writes is a conflict, and stays (hostile F05)', async (_what, make, stays) => {
    for (const after of [
      { from: 'store', integrity: first } as const,
      { from: 'store', integrity: first, file: 'SKILL.md' } as const,
      { from: 'bytes', bytes: Buffer.from('x') } as const,
    ]) {
      const plan = planOf(root, installed, [{ shown: skill, after }])
      await expect(apply(plan, site({ disk: late(make) }))).rejects.toMatchObject({ code: 'E_CONFLICT' })
      expect(Object.keys(snapshot(root)).filter((name) => !name.startsWith(skill))).toEqual(['.haal/', '.haal/skills/'])
      expect(snapshot(root)[stays === 'folder' ? `${skill}/` : skill]).toBe(stays)
      fs.rmSync(path.join(root, '.haal'), { recursive: true })
    }
  })

  test('an edit of haal.json while haal writes is not lost', async () => {
    write(root, { 'haal.json': '{}' })
    const disk = faulty(site().disk, {
      before: ({ name, path: at }) => {
        if (name === 'rename' && at.endsWith('swapping.json')) write(root, { 'haal.json': '{"mine":1}' })
      },
    })
    await expect(apply(install(), site({ disk }))).rejects.toMatchObject({ code: 'E_CONFLICT' })
    expect(snapshot(root)).toEqual({ 'haal.json': '- {"mine":1}' })
  })

  test('[O35] a signal undoes what was begun', async () => {
    await apply(install(), site())
    const before = snapshot(root)
    const stop = new AbortController()
    const disk = faulty(site().disk, {
      before: ({ name, path: at }) => {
        if (name === 'rename' && at.endsWith(skill)) stop.abort()
      },
    })
    const to = lockOf({ 'skill/review': locked(second) })
    const update = planOf(root, to, [{ shown: skill, after: { from: 'store', integrity: second } }])
    await expect(apply(update, site({ disk, signal: stop.signal }))).rejects.toMatchObject({ code: 'E_INTERRUPTED' })
    expect(snapshot(root)).toEqual(before)
  })

  test('[L15] a damaged store entry undoes what was begun', async () => {
    const lost = await stock.take({ 'SKILL.md': 'soon gone' })
    stock.store.drop(lost)
    const to = lockOf({ 'skill/review': locked(first), 'skill/lost': locked(lost) })
    const steps = [
      { shown: skill, after: { from: 'store', integrity: first } as const },
      { shown: '.haal/skills/lost', after: { from: 'store', integrity: lost } as const },
    ]
    await expect(apply(planOf(root, to, steps), site())).rejects.toMatchObject({ code: 'E_CACHE' })
    expect(snapshot(root)).toEqual({})
  })

  test('what cannot be cleared away is said, and the new state stands', async () => {
    await apply(install(), site())
    const disk = faulty(site().disk, {
      before: ({ name, path: at }) => {
        if (name === 'remove' && at.includes('.haal-old-')) throw new HaalError('E_DISK', `${at}: permission denied`)
      },
    })
    const told = site({ disk })
    expect(await apply(planOf(root, lockOf({}), [{ shown: skill, after: { from: 'nothing' } }]), told)).toBe(2)
    expect(told.events).toContainEqual({
      type: 'warning',
      note: { code: 'W_LEFT', message: expect.stringContaining('permission denied') },
    })
    recover(site())
    expect(Object.keys(project())).toEqual(['.haal/', 'haal.json', 'haal.lock'])
  })
})
