import path from 'node:path'
import { nodeDisk } from '../io/disk.js'
import { nodeTerminal } from '../io/terminal.js'
import { type NameType, nameTypes, printNames } from '../model/completion-names.js'
import type { Disk } from '../model/disk.js'
import { isRecord, parseJson } from '../model/json.js'

/** `haal __complete <type> --cwd <root>`: the names of one type, for a script that found a project without a names file. Says
    nothing where anything is wrong: a shell that completes is no place for errors. bin/haal.js calls it: next to nothing else of haal is loaded. */
export function complete([name, flag, root]: readonly string[]): void {
  const type = nameTypes.find((each) => each === name)
  if (type === undefined || flag !== '--cwd' || root === undefined) return
  try {
    const names = printNames({ [type]: namesOf(type, nodeDisk(), path.resolve(root)) })
    nodeTerminal().out(names.replaceAll(`${type}\t`, ''))
  } catch {
    return
  }
}

function namesOf(type: NameType, disk: Disk, root: string): string[] {
  if (type === 'target') return targetsIn(objectIn(disk, path.join(root, 'haal.json')))
  const lock = lockIn(disk, path.join(root, 'haal.lock'))
  if (type === 'registry')
    return [...keysOf(lock.registries), ...configured(objectIn(disk, path.join(root, 'haal.json')))]
  return type === 'installed' || type === 'available' ? keysOf(lock.artifacts) : []
}

function targetsIn({ targets }: Record<string, unknown>): string[] {
  return Array.isArray(targets) ? targets.filter((each) => typeof each === 'string') : []
}

function configured({ registries }: Record<string, unknown>): string[] {
  if (!Array.isArray(registries)) return keysOf(registries)
  return registries.flatMap((each: unknown) => (isRecord(each) && typeof each.name === 'string' ? [each.name] : []))
}

/** What is never safe in it, or there twice, is at most one name more, and to look for that takes longer than to read it. */
function lockIn(disk: Disk, file: string): Record<string, unknown> {
  const value: unknown = JSON.parse(disk.text(file) ?? '{}')
  return isRecord(value) ? value : {}
}

function objectIn(disk: Disk, file: string): Record<string, unknown> {
  const codes = { syntax: 'E_JSON', key: 'E_JSON_KEY', comments: true } as const
  const value = parseJson(disk.text(file) ?? '{}', file, codes)
  return isRecord(value) ? value : {}
}

function keysOf(value: unknown): string[] {
  return isRecord(value) ? Object.keys(value) : []
}
