import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { world } from './world/index.js'
import { execute } from './world/run.js'

const root = path.resolve(import.meta.dirname, '..')
const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8')

describe('README.md', () => {
  test('[U7 U8] its session is what a terminal shows, command by command', async () => {
    const { haal, root: here } = await world()
    fs.cpSync(path.join(root, 'examples/registry'), path.join(here.path, 'registry'), { recursive: true })
    for (const { command, output } of session(readme)) {
      const said = await haal(command.replace(/^haal /, '')).succeeds()
      expect(`$ ${command}\n${said.stdout}`).toBe(`$ ${command}\n${output}`)
    }
  })

  test('[U7] every command in its table exists', async () => {
    const { haal } = await world()
    const help = (await haal('--help').succeeds()).stdout
    const named = [...readme.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = '']) => [
      ...cell.matchAll(/`(?:haal )?([a-z]+(?: [a-z]+)?)/g),
    ])
    const missing = named
      .map(([, name = '']) => name)
      .filter((name) => !new RegExp(`\\b${name.split(' ').at(-1)}\\b`).test(help))
    expect(missing).toEqual([])
  })

  test('[U7] every page it links to is there, and in the package', () => {
    expect(linksOf(readme).filter((link) => !fs.existsSync(path.join(root, link)))).toEqual([])
    const { files } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { files: string[] }
    const packed = (link: string) => files.some((file) => link === file || link.startsWith(`${file}/`))
    expect(linksOf(readme).filter((link) => !packed(link))).toEqual([])
  })
})

/** Each section of these pages is a session of its own, beside a copy of examples/registry. UPDATE_GOLDEN=1 writes its output anew. */
describe.each(['docs/getting-started.md', 'docs/troubleshooting.md'])('%s', (file) => {
  const page = fs.readFileSync(path.join(root, file), 'utf8')
  const sections = file.includes('getting') ? [page] : page.split(/^(?=## )/m)

  test.each(sections.filter((section) => section.includes('```console')).map((text) => [titleOf(text), text]))(
    '[U3 U7] %s: every command runs and says what the page says',
    async (_title, text) => {
      const played = await replayed(text)
      if (process.env.UPDATE_GOLDEN === '1') {
        const now = fs.readFileSync(path.join(root, file), 'utf8')
        fs.writeFileSync(
          path.join(root, file),
          now.replace(text, () => played),
        )
      }
      expect(process.env.UPDATE_GOLDEN === '1' || played === text, played).toBe(true)
    },
  )

  test('[U7] every page it links to is there', () => {
    expect(linksOf(page).filter((link) => !fs.existsSync(path.join(root, 'docs', link)))).toEqual([])
  })
})

test('[U3] the codes in the titles of docs/troubleshooting.md are what its sections show', () => {
  const page = fs.readFileSync(path.join(root, 'docs/troubleshooting.md'), 'utf8')
  const sections = page.split(/^(?=## )/m).slice(1)
  expect(sections).toHaveLength(10)
  for (const section of sections) expect(section).toContain(`code: ${/^## (E_\w+)/.exec(section)?.[1]}\n`)
})

function linksOf(markdown: string): string[] {
  const links = [...markdown.matchAll(/\]\(([^)#]+)\)/g)].map(([, link = '']) => link)
  return links.filter((link) => !link.startsWith('http'))
}

function titleOf(text: string): string {
  return /^#+ (.*)/.exec(text)?.[1] ?? ''
}

/** The text with what its console lines print now, stdout before stderr. */
async function replayed(text: string): Promise<string> {
  const at = await world()
  fs.cpSync(path.join(root, 'examples/registry'), at.root.at('registry'), { recursive: true })
  const env = {
    HOME: at.home.path,
    HAAL_HOME: at.store.path,
    NO_COLOR: '1',
    PATH: `${at.bin.path}:${process.env.PATH}`,
  }
  const blocks = text.split(/(```console\n.*?```)/gs)
  for (const [i, block] of blocks.entries()) {
    if (i % 2 === 0) continue
    const said = []
    for (const { command } of session(block)) {
      const done = await execute(['sh', '-c', command], { cwd: at.project.path, env }).outcome
      said.push(`$ ${command}\n${done.stdout}${done.stderr}`)
    }
    blocks[i] = `\`\`\`console\n${dated(said.join(''))}\`\`\``
  }
  return blocks.join('')
}

/** What differs from day to day. */
function dated(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\d([ T])\d\d:\d\d/g, '2026-03-01$110:00')
}

/** `$ haal …` lines of the console blocks, each with what stands below it. */
function session(markdown: string): { command: string; output: string }[] {
  const blocks = [...markdown.matchAll(/```console\n(.*?)```/gs)].map(([, block = '']) => block)
  return blocks.flatMap((block) =>
    block
      .split(/^\$ /m)
      .filter((part) => part !== '')
      .map((part) => {
        const end = part.indexOf('\n')
        return { command: part.slice(0, end), output: part.slice(end + 1) }
      }),
  )
}
