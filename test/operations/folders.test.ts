import { expect, test } from 'vitest'
import { homeOf } from '../../src/operations/folders.js'

test.each<[string, NodeJS.Platform, Record<string, string>, { data: string; cache: string }]>([
  ['Linux', 'linux', {}, { data: '/home/ann/.local/share/haal', cache: '/home/ann/.cache/haal' }],
  [
    'Linux with XDG',
    'linux',
    { XDG_DATA_HOME: '/data', XDG_CACHE_HOME: '/cache' },
    { data: '/data/haal', cache: '/cache/haal' },
  ],
  [
    'Linux with a relative XDG folder',
    'linux',
    { XDG_DATA_HOME: 'data' },
    { data: '/home/ann/.local/share/haal', cache: '/home/ann/.cache/haal' },
  ],
  [
    'macOS',
    'darwin',
    {},
    { data: '/home/ann/Library/Application Support/haal', cache: '/home/ann/Library/Caches/haal' },
  ],
  ['Windows', 'win32', { LOCALAPPDATA: '/local' }, { data: '/local/haal/data', cache: '/local/haal/cache' }],
  [
    'Windows without LOCALAPPDATA',
    'win32',
    {},
    { data: '/home/ann/AppData/Local/haal/data', cache: '/home/ann/AppData/Local/haal/cache' },
  ],
  ['HAAL_HOME anywhere', 'win32', { HAAL_HOME: '/here' }, { data: '/here', cache: '/here/cache' }],
])('[U8] where haal keeps its own: %s', (_what, platform, env, expected) => {
  const { data, cache } = homeOf({ platform, env, home: '/home/ann' })
  expect({ data, cache }).toEqual(expected)
})
