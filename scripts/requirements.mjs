import fs from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'

/** docs/requirements.md → id and text, in its order. */
export function requirementsIn(markdown) {
  return [...markdown.matchAll(/^- ([A-Z]\d+) (.+)$/gm)].map(([, id, text]) => ({ id, text }))
}

/** The ids that titles of tests begin with: `test('[A7 L11] an unset …'`. Skipped tests and names of groups do not count. */
export function citationsIn(source) {
  const calls = source.matchAll(/([\w.$]*|\))\(\s*['"`]\[([A-Z]\d+(?:[ ,]+[A-Z]\d+)*)\]\s*([^\n]*)/g)
  return [...calls]
    .filter(([, callee]) => !/^describe\b|\.(skip|todo)$/.test(callee))
    .flatMap(([, , ids, title]) => ids.split(/[ ,]+/).map((id) => ({ id, title: title.replace(/['"`],.*$/, '') })))
}

/** Everything that is wrong between the list, the tests and the ids that wait for their work. */
export function judge({ requirements, citations, pending }) {
  const known = new Set(requirements.map(({ id }) => id))
  const tested = new Set(citations.map(({ id }) => id))
  const waiting = Object.keys(pending)
  return [
    ...[...known].filter((id) => !tested.has(id) && !waiting.includes(id)).map((id) => `${id} has no test`),
    ...waiting.filter((id) => tested.has(id)).map((id) => `${id} is pending although it has a test`),
    ...waiting.filter((id) => !known.has(id)).map((id) => `${id} is pending, but docs/requirements.md has no such id`),
    ...citations
      .filter(({ id }) => !known.has(id))
      .map(({ id, file }) => `${file} cites ${id}, which docs/requirements.md does not have`),
  ]
}

export function table({ requirements, citations, pending }) {
  return requirements.map(({ id }) => {
    const files = citations.filter((each) => each.id === id).map(({ file }) => file)
    const where = [...new Set(files)].map((file) => (count(files, file) > 1 ? `${file} ×${count(files, file)}` : file))
    return `${id.padEnd(4)} ${where.join(', ') || (pending[id] ? `pending: ${pending[id]}` : '-')}`
  })
}

function count(all, wanted) {
  return all.filter((each) => each === wanted).length
}

function citationsBelow(root) {
  const folders = ['test', 'e2e'].filter((folder) => fs.existsSync(path.join(root, folder)))
  const files = folders.flatMap((folder) =>
    fs
      .readdirSync(path.join(root, folder), { recursive: true })
      .map((file) => `${folder}/${file}`.replaceAll('\\', '/')),
  )
  return files
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
    .flatMap((file) => citationsIn(fs.readFileSync(path.join(root, file), 'utf8')).map((each) => ({ ...each, file })))
}

/** `--settle` first takes ids that have a test by now off the pending list. */
function main() {
  const root = path.resolve(import.meta.dirname, '..')
  const read = (file) => fs.readFileSync(path.join(root, file), 'utf8')
  const requirements = requirementsIn(read('docs/requirements.md'))
  const citations = citationsBelow(root)
  const listed = JSON.parse(read('scripts/pending.json'))
  const settled = Object.entries(listed).filter(([id]) => !citations.some((each) => each.id === id))
  const pending = process.argv.includes('--settle') ? Object.fromEntries(settled) : listed
  if (pending !== listed)
    fs.writeFileSync(path.join(root, 'scripts/pending.json'), `${JSON.stringify(pending, null, 2)}\n`)
  const problems = judge({ requirements, citations, pending })
  console.log(table({ requirements, citations, pending }).join('\n'))
  console.log(
    `\n${requirements.length} requirements, ${Object.keys(pending).length} pending, ${problems.length} problems`,
  )
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) main()
