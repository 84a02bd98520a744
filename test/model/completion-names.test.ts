import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Names, namesIn, nameTypes, printNames } from '../../src/model/completion-names.js'

test('[U4] the names file has one sorted line a name, its type in front', () => {
  const text = printNames({ installed: ['skill/b', 'skill/a'], registry: ['corp'], generation: ['10', '9'] })
  expect(text).toBe('generation\t10\ngeneration\t9\ninstalled\tskill/a\ninstalled\tskill/b\nregistry\tcorp\n')
})

test('[U4] names of every type are written', () => {
  const all = Object.fromEntries(nameTypes.map((type) => [type, ['x']]))
  expect(printNames(all)).toBe('available\tx\ngeneration\tx\ninstalled\tx\nregistry\tx\ntarget\tx\n')
})

test('[U4] names of one type come back, and no line that haal would not write', () => {
  const text = 'installed\tskill/a\ninstalled\t$(touch x)\nregistry\tcorp\ninstalled\n\ninstalled\t-rf\n'
  expect(namesIn(text, 'installed')).toEqual(['skill/a'])
  expect(namesIn(text, 'registry')).toEqual(['corp'])
})

test('[U4 S10] whatever names a registry has, the file holds plain characters only', () => {
  const names = fc.dictionary(fc.constantFrom(...nameTypes), fc.array(fc.string({ unit: 'binary' })))
  fc.assert(
    fc.property(names, (given) => {
      expect(printNames(given as Names)).toMatch(/^([a-z]+\t[A-Za-z0-9@][A-Za-z0-9@._/+-]*\n)*$/)
    }),
  )
})
