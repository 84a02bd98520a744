import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { world } from './world/index.js'

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

  test('[U7] every page it links to is there', () => {
    const links = [...readme.matchAll(/\]\(([^)#]+)\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !link.startsWith('http'))
    expect(links.filter((link) => !fs.existsSync(path.join(root, link)))).toEqual([])
  })
})

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
