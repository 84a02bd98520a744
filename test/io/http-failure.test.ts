import { expect, test } from 'vitest'
import { shown } from '../../src/io/http/failure.js'

test.each([
  ['https://me:secret@corp.com:8443/a?token=x', 'https://corp.com:8443/a'],
  ['file:///etc/passwd', 'file:///etc/passwd'],
  ['odd://me:secret@corp.com/a', 'odd://corp.com/a'],
])('[U3] %s is shown as %s', (url, text) => expect(shown(new URL(url))).toBe(text))
