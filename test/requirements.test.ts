import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { citationsIn, judge, requirementsIn, table } from '../scripts/requirements.mjs'

const list = '# Title\n\n- A1 one thing\n- A2 another\n\n## B\n- B1 a third; see A1\n'
const cited = (id: string, file = 'test/a.test.ts') => ({ id, title: 'a title', file })

test('the list is read line by line', () => {
  expect(requirementsIn(list)).toEqual([
    { id: 'A1', text: 'one thing' },
    { id: 'A2', text: 'another' },
    { id: 'B1', text: 'a third; see A1' },
  ])
})

test('the project has every id once', () => {
  const text = fs.readFileSync(path.resolve(import.meta.dirname, '../docs/requirements.md'), 'utf8')
  const ids = requirementsIn(text).map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toEqual(expect.arrayContaining(['A1', 'A48', 'O39', 'L20', 'P11', 'S12', 'T5', 'U9', 'F1', 'G5']))
})

// Written in two parts, so that this file cites nothing by itself.
const title = (callee: string, ids: string) => `${callee}('[${ids}] a title', () => {})`

describe('an id is cited', () => {
  test.each(['test', 'it', 'test.each(rows)', "needs('git')", 'test.concurrent', 'served'])(
    'by the title of %s',
    (callee) => {
      expect(citationsIn(title(callee, 'A1'))).toEqual([{ id: 'A1', title: 'a title' }])
    },
  )

  test('beside others', () => {
    expect(citationsIn(title('test', 'A1 L11')).map(({ id }) => id)).toEqual(['A1', 'L11'])
  })

  test('on the line after the call, too', () => {
    expect(citationsIn(title('test', 'A1').replace('(', '(\n  '))).toHaveLength(1)
  })

  test.each(['test.skip', 'test.todo', 'describe'])('but not by %s', (callee) => {
    expect(citationsIn(title(callee, 'A1'))).toEqual([])
  })
})

describe('it is a problem', () => {
  const requirements = requirementsIn(list)
  const citations = [cited('A1'), cited('A2')]

  test('when an id has no test and waits for nothing', () => {
    expect(judge({ requirements, citations, pending: {} })).toEqual(['B1 has no test'])
    expect(judge({ requirements, citations, pending: { B1: 'later work' } })).toEqual([])
  })

  test('when a pending id has a test', () => {
    expect(judge({ requirements, citations: [...citations, cited('B1')], pending: { B1: 'later work' } })).toEqual([
      'B1 is pending although it has a test',
    ])
  })

  test('when a test cites or the pending list names an id that does not exist', () => {
    expect(judge({ requirements, citations: [...citations, cited('Z9')], pending: { B1: 'x', Z8: 'x' } })).toEqual([
      'Z8 is pending, but docs/requirements.md has no such id',
      'test/a.test.ts cites Z9, which docs/requirements.md does not have',
    ])
  })
})

test('the table names the files of each id, or what it waits for', () => {
  const citations = [cited('A1'), cited('A1'), cited('A1', 'e2e/b.test.ts')]
  expect(table({ requirements: requirementsIn(list), citations, pending: { A2: 'later work' } })).toEqual([
    'A1   test/a.test.ts ×2, e2e/b.test.ts',
    'A2   pending: later work',
    'B1   -',
  ])
})
