import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { nodeDisk } from '../../src/io/disk.js'
import { readSettledNote, writeSettledNote } from '../../src/state/settled-note.js'
import { temporaryFolder, write } from './project.js'

const note = {
  order: ['acme'],
  folder: '/srv/acme',
  placed: { seen: { sum: 'a sum', mark: [1] }, counts: { skills: 2 } },
}
let home = ''
beforeEach(() => {
  home = temporaryFolder()
})
afterEach(() => fs.rmSync(home, { recursive: true }))

const around = (project = 'p') => ({ disk: nodeDisk(), home, root: path.join(home, project) })
const texts = (manifest: string, lock: string) => ({ manifest, lock: Buffer.from(lock) })
/** What is told where these two texts lie in a project. */
function told(manifest: string, lock: string, at = around()): unknown {
  write(at.root, { 'haal.json': manifest, 'haal.lock': lock })
  const { lock: bytes, ...found } = readSettledNote(at) ?? {}
  return bytes === undefined ? undefined : { ...found, lock: Buffer.from(bytes).toString() }
}

const written = () => {
  const folder = path.join(home, 'settled')
  return path.join(folder, fs.readdirSync(folder)[0] ?? '')
}

test('[F1] what was noted of two texts is told of these two only, in this project only', () => {
  writeSettledNote(around(), texts('a', 'b'), note)
  expect(told('a', 'b')).toEqual({ ...note, lock: 'b' })
  expect(told('a', 'c')).toBe(undefined)
  expect(told('ab', '')).toBe(undefined)
  expect(told('a', 'b', around('q'))).toBe(undefined)
})

test('[F1 L7] what was noted is told no more when another command has made a generation since', () => {
  const project = around()
  const generations = path.join(home, 'p/.haal/.state/generations')
  fs.mkdirSync(generations, { recursive: true })
  fs.writeFileSync(path.join(generations, '1.json'), '')
  writeSettledNote(project, texts('a', 'b'), note)
  expect(told('a', 'b')).toEqual({ ...note, lock: 'b' })
  fs.writeFileSync(path.join(generations, '2.json'), '')
  expect(told('a', 'b')).toBe(undefined)
})

test('[A8] haal.json is not copied into a note: a person may have written a token into it', () => {
  writeSettledNote(around(), texts('canary', 'b'), note)
  expect(fs.readFileSync(written(), 'utf8')).not.toContain('canary')
})

test.each([
  ['cut off', (text: string) => text.slice(0, -20)],
  ['about another version', (text: string) => text.replace(/\n\d/, '\n9')],
  ['changed', (text: string) => text.replace('/srv/acme', '/srv/evil')],
  ['no JSON any more', (text: string) => text.replace('{', '[')],
  ['without its first line', (text: string) => text.slice(text.indexOf('\n'))],
  ['empty', () => ''],
])('[F1] a note that is %s says nothing', (_, damage) => {
  writeSettledNote(around(), texts('a', 'b'), note)
  fs.writeFileSync(written(), damage(fs.readFileSync(written(), 'utf8')))
  expect(told('a', 'b')).toBe(undefined)
})

test('[F1] a note that cannot be written is no failure', () => {
  fs.writeFileSync(path.join(home, 'settled'), '')
  writeSettledNote(around(), texts('a', 'b'), note)
  expect(told('a', 'b')).toBe(undefined)
})

test('[F1] notes on more projects than anybody has go, where one on a new project comes', () => {
  const folder = path.join(home, 'settled')
  fs.mkdirSync(folder)
  for (let i = 0; i < 600; i += 1) fs.writeFileSync(path.join(folder, `2f70${i + 1000}`), '')
  fs.writeFileSync(path.join(folder, 'mine'), '')
  writeSettledNote(around(), texts('a', 'b'), note)
  expect(fs.readdirSync(folder)).toHaveLength(2)
  writeSettledNote(around('q'), texts('a', 'b'), note)
  expect(fs.readdirSync(folder)).toHaveLength(3)
  expect(told('a', 'b')).toEqual({ ...note, lock: 'b' })
})

test('[S1] notes are not written through a link, nor anything removed there', () => {
  fs.mkdirSync(path.join(home, 'mine'))
  for (let i = 0; i < 600; i += 1) fs.writeFileSync(path.join(home, 'mine', `${i + 1000}`), '')
  fs.symlinkSync(path.join(home, 'mine'), path.join(home, 'settled'), 'junction')
  writeSettledNote(around(), texts('a', 'b'), note)
  expect(fs.readdirSync(path.join(home, 'mine'))).toHaveLength(600)
})
