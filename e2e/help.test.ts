import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { table } from '../src/cli/table.js'
import { errors } from '../src/model/errors.js'
import { agent, documentOf, manifest, needs, skill, type World, world } from './world/index.js'
import { execute } from './world/run.js'

const root = path.resolve(import.meta.dirname, '..')
const binary = path.join(root, 'bin/haal.js')
const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'))
const names = table.rows.map(({ name }) => name)

describe('help', () => {
  test('[U7] without a command, with --help and as a command, haal lists every command', async () => {
    const { haal } = await world()
    const said = (await haal('').succeeds()).stdout
    for (const line of ['--help', '-h', 'help']) expect((await haal(line).succeeds()).stdout, line).toBe(said)
    for (const { name, summary } of table.rows) {
      expect(said).toMatch(new RegExp(`^  ${name} +`, 'm'))
      expect(said.replace(/\s+/g, ' ')).toContain(summary)
    }
  })

  needs('sh')('[U3] in a folder that is gone haal says so, and works on another', async () => {
    const { project } = await world()
    const gone = (line: string) => ['sh', '-c', `mkdir gone && cd gone && rmdir ../gone && exec "$0" "$1" ${line}`]
    const run = (line: string) =>
      execute([...gone(line), process.execPath, binary], { cwd: project.path, env: { HOME: project.path } }).outcome
    const here = await run('list')
    expect(here).toMatchObject({ exit: 2, stdout: '' })
    expect(here.stderr).toMatch(
      /^error: the folder that haal was started in .*\n {2}hint: .*--cwd <dir>\n {2}code: E_USAGE\n$/,
    )
    expect(await run(`list --cwd '${project.path}'`)).toMatchObject({ exit: 0, stderr: '' })
  })

  test.runIf(process.platform === 'linux')(
    '[U3] in a folder whose name is not UTF-8 haal says so, and makes no other',
    async () => {
      const { project } = await world()
      const line = `d=$(printf 'p\\377') && mkdir "$d" && cd "$d" && exec "$0" "$1" init`
      const done = await execute(['sh', '-c', line, process.execPath, binary], {
        cwd: project.path,
        env: { HOME: project.path },
      }).outcome
      expect(done).toMatchObject({ exit: 2, stdout: '' })
      expect(done.stderr).toMatch(/has a name that is not UTF-8\n {2}hint: .*--cwd <dir>\n {2}code: E_USAGE\n$/)
      expect(fs.readdirSync(project.path)).toHaveLength(1)
    },
  )

  test('[U5] a flag that no command has is refused without a command, too', async () => {
    const { haal } = await world()
    const { stderr } = await haal('--jsno').fails('E_USAGE', 2)
    expect(stderr).toContain('has no flag --jsno\n  hint: did you mean --json?')
  })

  test.each(names)('[U7] haal %s explains itself, with an example, however it is asked', async (name) => {
    const { haal } = await world()
    const { stdout, stderr } = await haal(`${name} --help`).changesNothing()
    expect(stdout).toContain(`Usage: haal ${name}`)
    expect(stdout).toMatch(/\nExamples\n {2}\S*haal |\nExamples\n {2}source/)
    expect(stderr).toBe('')
    expect((await haal(`help ${name}`).succeeds()).stdout).toBe(stdout)
  })

  test('[U3] haal help errors lists every code with its meaning', async () => {
    const { haal } = await world()
    const { stdout } = await haal('help errors').changesNothing()
    const said = stdout.split('\n').map((line) => line.trim().replace(/ +/g, ' '))
    for (const [code, [, meaning]] of Object.entries(errors)) expect(said).toContain(`${code} ${meaning}`)
  })

  test('[U2] help as a document has its text', async () => {
    const { haal } = await world()
    const { text } = await haal('help install').json<{ text: string[] }>()
    expect(text.join('\n')).toContain('Usage: haal install [artifact...] [flags]')
    const document = (await haal('help install --json').succeeds()).stdout
    for (const line of ['install --help --json', '--json -h install x'])
      expect((await haal(line).succeeds()).stdout).toBe(document)
    const whole = (await haal('help --json').succeeds()).stdout
    for (const line of ['--json', '--json --help']) expect((await haal(line).succeeds()).stdout).toBe(whole)
  })
})

/** What the examples speak of: registries corp, hub and ./registry, artifacts installed from them, a few generations. */
async function exemplary(): Promise<World> {
  const at = await world()
  const files = {
    'skills/review-code/SKILL.md': skill('review-code', 'v1', { version: '1.2.3' }),
    'rules/tabs.md': agent('tabs'),
    'tools/search/manifest.json': manifest('com.acme.search'),
  }
  await at.folder('corp', files)
  await at.folder('hub', { 'skills/other/SKILL.md': skill('other') })
  await at.project.below('registry').write(files)
  for (const line of ['install rule/tabs', 'install skill/review-code', 'uninstall review-code', 'install review-code'])
    await at.haal(line).succeeds()
  return at
}

/** What an example needs beyond that. */
const grounds: Readonly<Record<string, (at: World) => Promise<unknown>>> = {
  trust: async ({ project }) =>
    project.write({
      'haal.json': { registries: [{ name: 'corp', location: 'https://git.corp.com/x.git', token: '${T}' }] },
    }),
  'target remove': async ({ haal }) => haal('target add windsurf').succeeds(),
  'registry sign': async (at) => [await keyIn(at, 'acme'), await keyIn(at, 'second')],
  'registry verify': async (at) => {
    await at.project.write({ 'acme.pub': await keyIn(at, 'acme') })
    const corp = at.project.json<{ registries: { location: string }[] }>('haal.json').registries[0]?.location ?? ''
    for (const folder of ['./registry', corp])
      await at.haal(['registry', 'sign', folder, '--key', 'acme.pem']).succeeds()
  },
  'policy sign': async (at) => {
    await keyIn(at, 'acme')
    await at.project.write({ 'policy.json': { policyVersion: 1, version: 1 } })
  },
}

/** Makes `<name>.pem`; answers the public key. */
async function keyIn({ haal }: World, name: string): Promise<string> {
  return (await haal(`registry keygen ${name}.pem`).json<{ publicKey: string }>()).publicKey
}

const examples = await Promise.all(table.rows.map(async ({ name, load }) => [name, (await load()).examples] as const))

describe('examples', () => {
  test.each(examples)('[U7] those of haal %s run as they stand', async (name, lines) => {
    const at = await exemplary()
    await grounds[name]?.(at)
    for (const line of lines) {
      if (name === 'init') await at.project.write({ 'haal.json': null, 'haal.lock': null, '.haal': null })
      const plain = /<\((.*)\)$/.exec(line)?.[1] ?? line
      const words = (plain.match(/'[^']*'|\S+/g) ?? []).slice(1).map((word) => word.replace(/^'|'$/g, ''))
      await at.haal(words).succeeds()
    }
  })
})

describe('the version', () => {
  test('[U2] --version --json is one document', async () => {
    const { haal } = await world()
    expect(await haal('--version').json()).toEqual({ version })
  })

  test.each(['--version', '-v', '-V'])('[U3] %s is said before anything is loaded', async (line) => {
    const { haal } = await world()
    expect(await haal(line).changesNothing()).toMatchObject({ stdout: `${version}\n`, stderr: '' })
  })

  test('[U8] a Node that is too old is told so, before anything else is read', async () => {
    const at = await world()
    await at.project.write({ 'old.cjs': "Object.defineProperty(process, 'versions', { value: { node: '18.20.1' } })" })
    const done = await execute([process.execPath, '-r', './old.cjs', binary, 'list'], { cwd: at.project.path, env: {} })
      .outcome
    expect(done).toMatchObject({ exit: 2, stdout: '' })
    expect(done.stderr).toBe(
      'error: haal needs Node 20.17 or newer, and this is 18.20.1\n  hint: https://nodejs.org has newer ones\n  code: E_USAGE\n',
    )
  })
})

describe('what is not understood', () => {
  test.each<[string, string, string]>([
    ['instal', 'haal has no command "instal"', 'did you mean: haal install'],
    ['polcy show', 'haal has no command "polcy"', 'did you mean: haal policy'],
    ['policy shwo', 'haal has no command "policy shwo"', 'did you mean: haal policy show'],
    ['policy', 'haal policy needs one more word', 'one of: haal policy show, haal policy check, haal policy sign'],
    ['frobnicate', 'haal has no command "frobnicate"', 'see them all: haal help'],
    ['help instal', 'haal has no command "instal"', 'did you mean: haal help install'],
    ['help E_CONFLICT', 'haal has no command "E_CONFLICT"', 'see every code: haal help errors'],
    ['registry frobnicate', 'haal has no command "registry frobnicate"', 'see: haal help registry'],
    ['help registry ad', 'haal has no command "registry ad"', 'did you mean: haal help registry add'],
    ['help registry frobnicate', 'haal has no command "registry frobnicate"', 'see: haal help registry'],
    ['help install frobnicate', 'haal has no command "install frobnicate"', 'see them all: haal help'],
    ['list --avialable', 'haal list has no flag --avialable', 'did you mean --available?'],
    ['uninstall', 'haal uninstall needs <artifact...>', 'for example: haal uninstall review-code'],
    ['list --wait soon', '--wait takes a whole number, not "soon"', 'see: haal help list'],
    ['install x --from=', '--from needs a value that is not empty', 'see: haal help install'],
    ['verify --format xml', '--format takes sarif, not "xml"', 'see: haal help verify'],
    [
      'install --frozen --all',
      '--frozen installs what haal.lock says: it takes no names, no --all and no --from',
      'run: haal install --frozen',
    ],
    [
      'registry add https://x.example/y.git --token hunter2',
      'the token has to be a reference to a variable, not the token itself',
      "in single quotes, so that the shell leaves it alone: --token '${NAME}'",
    ],
    [
      'registry keygen nowhere/key.pem',
      'the folder of nowhere/key.pem does not exist',
      'make it first, or name a file in one that is there',
    ],
    ['list --kind skil', '"skil" is not a kind', 'did you mean skill?'],
    [
      'registry verify . --key acme.pub',
      '--key acme.pub does not exist',
      'make it of a private key: openssl pkey -in <private key> -pubout -out acme.pub',
    ],
    ['policy sign nowhere --key x', 'nowhere does not exist', 'name the file of the policy'],
    ['registry sign nowhere', 'nowhere is no folder on this machine', 'name the folder of the registry'],
    ['list --cwd nowhere', '--cwd nowhere is not a folder', 'name one that is there: --cwd <dir>'],
  ])('[U5 U3] haal %s says what is nearest', async (line, message, hint) => {
    const { haal } = await world()
    const { stdout, stderr } = await haal(line).fails('E_USAGE', 2)
    expect(stdout).toBe('')
    expect(stderr).toBe(`error: ${message}\n  hint: ${hint}\n  code: E_USAGE\n`)
  })

  test('[U5 U3] haal registry verify of what is neither a registry nor a folder names the nearest registry', async () => {
    const { folder, haal } = await world()
    await folder('acme', {})
    const { stderr } = await haal('registry verify acne').fails('E_NOT_FOUND', 3)
    expect(stderr).toBe(
      'error: acne is no folder on this machine, and no registry here\n  hint: did you mean acme?\n  code: E_NOT_FOUND\n',
    )
  })

  test.each(
    ['instal --json', '--json', 'list --json --avialable', 'uninstall --json'].filter((line) => line !== '--json'),
  )('[U2 U3] haal %s is exactly one document on stdout', async (line) => {
    const { haal } = await world()
    const done = await haal(line).fails('E_USAGE', 2)
    expect(documentOf(done)).toMatchObject({ ok: false, error: { code: 'E_USAGE', exit: 2 } })
    expect(done.stderr).toBe('')
  })
})

describe('where the output goes', () => {
  const inShell = async (shell: string, line: string) => {
    const at = await world()
    const env = { PATH: process.env.PATH ?? '' }
    return execute([shell, '-c', line], { cwd: at.project.path, env }).outcome
  }

  const answers = ['help', '--version', '--version --json']

  for (const said of answers)
    needs('bash')(`[U2] a reader of ${said} that has had enough is no failure`, async () => {
      const line = `exec 3> >(:); wait $!; "${process.execPath}" "${binary}" ${said} >&3`
      expect(await inShell('bash', line)).toMatchObject({ exit: 0, stderr: '' })
    })

  const full =
    'error: stdout cannot be written: ENOSPC\n  hint: send it where there is room; what the command has changed stays so\n  code: E_DISK\n'

  test.runIf(fs.existsSync('/dev/full')).each([
    ['help', full],
    ['--version', full],
    ['--version --json', ''],
  ])('[U3] a full disk behind the stdout of %s is one', async (said, told) => {
    const done = await inShell('sh', `"${process.execPath}" "${binary}" ${said} > /dev/full`)
    expect(done).toMatchObject({ exit: 2, stderr: told })
  })

  const coloured = /\u001b\[1m/
  needs('script')('[U2] a terminal gets colours, unless it is told otherwise', async () => {
    const { haal } = await world()
    const shown = async (env: Record<string, string | undefined>) =>
      (await haal('help', { tty: true, env: { NO_COLOR: undefined, TERM: 'xterm', ...env } }).succeeds()).stdout
    expect(await shown({})).toMatch(coloured)
    expect(await shown({ NO_COLOR: '1' })).not.toMatch(coloured)
    expect(await shown({ TERM: 'dumb' })).not.toMatch(coloured)
    expect(await shown({ FORCE_COLOR: '0' })).not.toMatch(coloured)
  })

  test('[U2] a pipe gets none, unless it is asked for', async () => {
    const { haal } = await world()
    expect((await haal('help', { env: { NO_COLOR: undefined } }).succeeds()).stdout).not.toMatch(coloured)
    expect((await haal('help', { env: { NO_COLOR: undefined, FORCE_COLOR: '1' } }).succeeds()).stdout).toMatch(coloured)
  })

  needs('script')('[U2] a narrow terminal gets narrow help', async () => {
    const { haal } = await world()
    const { stdout } = await haal('help install', { tty: { columns: 60 } }).succeeds()
    expect(Math.max(...stdout.split(/\r?\n/).map((line) => line.length))).toBeLessThanOrEqual(60)
  })
})

describe('pages', () => {
  test.each([
    ['docs/errors.md', 'help errors --markdown'],
    ['docs/commands.md', 'help --markdown'],
  ])('[U7] %s is what haal itself says (npm run docs writes it)', async (file, line) => {
    const { haal } = await world()
    expect((await haal(line).changesNothing()).stdout).toBe(fs.readFileSync(path.join(root, file), 'utf8'))
  })
})

describe('completion scripts', () => {
  test.each([
    ['bash', 'haal.bash'],
    ['zsh', '_haal'],
    ['fish', 'haal.fish'],
    ['powershell', 'haal.ps1'],
  ])('[U4] haal completion %s prints the script that is shipped', async (shell, file) => {
    const { haal } = await world()
    const { stdout } = await haal(`completion ${shell}`).changesNothing()
    expect(stdout).toBe(fs.readFileSync(path.join(root, 'completions', file), 'utf8'))
  })

  test('[U4] haal completion install writes it where the shell looks, and tells what is left to do', async () => {
    const { haal, home } = await world()
    const { stdout } = await haal('completion install zsh').succeeds()
    expect(home.read('.zfunc/_haal')).toBe(fs.readFileSync(path.join(root, 'completions/_haal'), 'utf8'))
    expect(stdout).toContain('autoload -Uz compinit')
    await haal('completion install', { env: { SHELL: '/usr/bin/fish' } }).succeeds()
    expect(home.exists('.config/fish/completions/haal.fish')).toBe(true)
    await haal('completion install zsh').succeeds()
  })

  test('[U4] a file of yours at that place stays', async () => {
    const { haal, home } = await world()
    await home.write({ '.zfunc/_haal': 'mine\n' })
    await haal('completion install zsh').fails('E_CONFLICT', 4)
    expect(home.read('.zfunc/_haal')).toBe('mine\n')
  })

  test('[U3] a shell that haal does not know is a usage error', async () => {
    const { haal } = await world()
    await haal('completion tcsh').fails('E_USAGE', 2)
    await haal('completion install', { env: { SHELL: '/bin/tcsh' } }).fails('E_USAGE', 2)
  })
})
