import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { here } from '../../src/io/here.js'
import { fail } from '../../src/model/errors.js'
import { doctor } from '../../src/operations/doctor.js'

let root = ''

beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-doctor-')))
  fs.mkdirSync(path.join(root, 'project/.haal/.state'), { recursive: true })
})

afterEach(() => fs.rmSync(root, { recursive: true }))

/** What doctor says where these folders (below the root) take nothing. */
async function checks(...closed: string[]) {
  const around = here(path.join(root, 'project'))
  const refuse = (at: string) =>
    closed.includes(path.relative(root, at).split(path.sep).join('/'))
      ? fail('E_DISK', `${at}: permission denied`, { hint: 'let this user write there' })
      : around.disk.probe(at)
  const ctx = {
    ...around,
    disk: { ...around.disk, probe: refuse },
    env: { HAAL_HOME: path.join(root, 'new/home'), PATH: process.env.PATH },
    signal: new AbortController().signal,
    emit: () => undefined,
  }
  const { ok, checks: all } = await doctor(ctx, { flags: { offline: true } })
  return { ok, bad: all.filter((each) => !each.ok) }
}

test('[U6] where everything can be written nothing is wrong', async () => {
  expect(await checks()).toEqual({ ok: true, bad: [] })
})

test.each(['project', 'project/.haal', 'project/.haal/.state'])(
  '[U6] %s that cannot be written is told',
  async (at) => {
    const says = `nothing can be written to ${path.join(root, at)}: permission denied`
    expect(await checks(at)).toEqual({
      ok: false,
      bad: [{ name: 'project', ok: false, says, mend: 'let this user write there' }],
    })
  },
)

test('[U6] a home that is not made yet is as the nearest folder above it', async () => {
  fs.mkdirSync(path.join(root, 'new'))
  const { bad } = await checks('new')
  expect(bad.map(({ name }) => name)).toEqual(['home', 'cache'])
})

test.each(['.haal', '.haal/.state', '.haal/skills'])(
  '[U6] a file in the way of %s is told, and not taken for a folder that is closed',
  async (at) => {
    fs.rmSync(path.join(root, 'project', at), { recursive: true, force: true })
    fs.writeFileSync(path.join(root, 'project', at), '')
    const says = `${at} is a file; haal does not write through it`
    expect((await checks()).bad).toMatchObject([{ name: 'project', says, mend: `move it away: mv ${at} ${at}.mine` }])
  },
)

test('[U6] a link in the place of .haal is told', async () => {
  fs.renameSync(path.join(root, 'project/.haal'), path.join(root, 'elsewhere'))
  fs.symlinkSync('../elsewhere', path.join(root, 'project/.haal'), 'junction')
  expect((await checks()).bad).toMatchObject([{ name: 'project', says: expect.stringContaining('.haal is a link') }])
})
