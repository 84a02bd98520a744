import path from 'node:path'
import type { Note } from '../model/artifact.js'
import type { Disk } from '../model/disk.js'
import { fail, HaalError } from '../model/errors.js'
import { note } from '../model/notes.js'
import type { Decision } from '../model/policy.js'

/** Appends decisions to an audit log, one JSON document a line, in one write. A log that policy requires and that cannot be written is
    E_POLICY_AUDIT; another one is told as a warning. */
export function appendAudit(
  disk: Disk,
  log: { file: string; required: boolean; contact?: string },
  decisions: readonly Decision[],
): Note[] {
  if (decisions.length === 0) return []
  try {
    disk.mkdir(path.dirname(log.file))
    disk.append(log.file, `${startOf(disk, log.file)}${decisions.map((each) => `${JSON.stringify(each)}\n`).join('')}`)
    return []
  } catch (e) {
    if (!(e instanceof HaalError) || e.code !== 'E_DISK') throw e
    if (!log.required) return [note('W_POLICY_AUDIT', `the audit log cannot be written: ${e.message}`)]
    return fail('E_POLICY_AUDIT', `the audit log that policy requires cannot be written: ${e.message}`, {
      hint: `make ${log.file} writable for the people who use haal here${log.contact ? `, or ask ${log.contact}` : ''}`,
      details: { file: log.file },
      cause: e,
    })
  }
}

/** A line that was cut short by a full disk must not swallow the next one. */
function startOf(disk: Disk, file: string): string {
  const size = disk.stat(file)?.size ?? 0
  if (size === 0) return ''
  return disk.readAt(file, size - 1, 1)[0] === 0x0a ? '' : '\n'
}
