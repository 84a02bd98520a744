import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import { HaalError } from '../../src/model/errors.js'
import type { Decision } from '../../src/model/policy.js'
import { appendAudit } from '../../src/state/audit-log.js'

const disk = nodeDisk()
let folder: string

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'haal-audit-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

const decision = (about: string): Decision => ({
  time: '2026-01-02T03:04:05.000Z',
  command: 'install',
  decision: 'allowed',
  about,
})
const lines = (file: string) => readFileSync(file, 'utf8').split('\n')

test('[P11] each decision is one line of JSON behind those before it', () => {
  const file = path.join(folder, 'a', 'audit.jsonl')
  expect(appendAudit(disk, { file, required: true }, [decision('skill/a'), decision('skill/b')])).toEqual([])
  appendAudit(disk, { file, required: false }, [decision('skill/\nc')])
  const written = lines(file)
  expect(written.pop()).toBe('')
  expect(written.map((line) => JSON.parse(line) as Decision)).toEqual([
    decision('skill/a'),
    decision('skill/b'),
    decision('skill/\nc'),
  ])
})

test('[P11] a line that was cut short does not swallow the next', () => {
  const file = path.join(folder, 'audit.jsonl')
  writeFileSync(file, '{"time":"20')
  appendAudit(disk, { file, required: true }, [decision('skill/a')])
  expect(lines(file)).toEqual(['{"time":"20', JSON.stringify(decision('skill/a')), ''])
})

test('[P11] without a decision nothing is written', () => {
  const file = path.join(folder, 'audit.jsonl')
  expect(appendAudit(disk, { file, required: true }, [])).toEqual([])
  expect(disk.stat(file)).toBe(undefined)
})

test('[P11] a log that cannot be written stops the command where policy requires it, and is told where not', () => {
  const file = path.join(folder, 'audit.jsonl')
  mkdirSync(file)
  expect(appendAudit(disk, { file, required: false }, [decision('skill/a')])).toMatchObject([
    { code: 'W_POLICY_AUDIT' },
  ])
  let error: unknown
  try {
    appendAudit(disk, { file, required: true, contact: 'ada@acme.example' }, [decision('skill/a')])
  } catch (e) {
    error = e
  }
  expect(error).toBeInstanceOf(HaalError)
  const hint = `make ${file} writable for the people who use haal here, or ask ada@acme.example`
  expect(error).toMatchObject({ code: 'E_POLICY_AUDIT', exit: 5, details: { file }, hint })
})
