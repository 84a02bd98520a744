import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Call, findProgram, run, talk } from '../../src/io/process.js'
import { HaalError } from '../../src/model/errors.js'

function folder(): string {
  const made = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'haal-process-')))
  onTestFinished(() => fs.rmSync(made, { recursive: true, force: true }))
  return made
}

/** A call of this node with a script. */
function script(code: string, more: Partial<Call> = {}): Call {
  const signal = new AbortController().signal
  return { args: ['-e', code], env: {}, cwd: os.tmpdir(), signal, timeout: 20_000, limit: 1_000_000, ...more }
}

const node = process.execPath

/** One that ended, but whose parent has not looked, is not alive. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return /^[^Z\s]/.test(stdout.trim())
}

describe('a program that runs to its end', () => {
  test('a program that ends without reading what it was given is no failure of haal', async () => {
    const ran = await run(node, script('process.exit(3)', { input: 'x'.repeat(5_000_000) }))
    expect(ran.code).toBe(3)
  })

  test('answers what it printed and its code', async () => {
    const ran = await run(node, script('process.stdout.write("out");process.stderr.write("err");process.exitCode=3'))
    expect({ ...ran, stdout: ran.stdout.toString() }).toEqual({ code: 3, stdout: 'out', stderr: 'err' })
  })

  test('[S8] gets its arguments as they are: no shell reads them', async () => {
    const odd = ['$(touch pwned)', '; touch pwned', '`id`', 'a b', '"', '*', '%PATH%', '']
    const cwd = folder()
    const ran = await run(node, {
      ...script('', { cwd }),
      args: ['-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--', ...odd],
    })
    expect(JSON.parse(ran.stdout.toString())).toEqual(odd)
    expect(fs.readdirSync(cwd)).toEqual([])
  })

  test('[S8] gets the environment that is given, and nothing of haal’s own', async () => {
    process.env.HAAL_TEST_LEAK = 'canary'
    onTestFinished(() => void delete process.env.HAAL_TEST_LEAK)
    const ran = await run(node, script('process.stdout.write(JSON.stringify(process.env))', { env: { ONLY: 'this' } }))
    expect(JSON.parse(ran.stdout.toString())).toMatchObject({ ONLY: 'this' })
    expect(ran.stdout.toString()).not.toContain('canary')
  })

  test('reads a closed stdin, or exactly what it is given', async () => {
    const echo = 'process.stdin.pipe(process.stdout)'
    expect((await run(node, script(echo))).stdout.toString()).toBe('')
    const input = 'line\n'.repeat(100_000)
    expect((await run(node, script(echo, { input }))).stdout.toString()).toBe(input)
  })

  test('is ended when it prints too much', async () => {
    const endless = 'const f=()=>process.stdout.write("x".repeat(65536),f);f()'
    await expect(run(node, script(endless, { limit: 200_000 }))).rejects.toMatchObject({ code: 'E_LIMIT_SIZE' })
  })

  test.skipIf(process.platform === 'win32')(
    '[S2] is asked to end first, and ended where it does not listen',
    async () => {
      const cwd = folder()
      const deaf = `process.on('SIGTERM',()=>require('fs').writeFileSync('asked',''));setInterval(()=>{},1000);process.stdout.write('xx')`
      await expect(run(node, script(deaf, { cwd, limit: 1 }))).rejects.toMatchObject({ code: 'E_LIMIT_SIZE' })
      expect(fs.readdirSync(cwd)).toEqual(['asked'])
    },
  )

  test.skipIf(process.platform === 'win32')('is ended when its time is up, and so is what it started', async () => {
    const cwd = folder()
    const child = `setInterval(()=>require('fs').writeFileSync('alive',String(process.pid)),5)`
    const parent = `require('child_process').spawn(process.execPath,['-e',${JSON.stringify(child)}],{stdio:'inherit'});setInterval(()=>{},1000)`
    await expect(run(node, script(parent, { cwd, timeout: 700 }))).rejects.toMatchObject({ code: 'E_TIMEOUT' })
    const pid = Number(fs.readFileSync(path.join(cwd, 'alive'), 'utf8'))
    expect(isAlive(pid)).toBe(false)
  })

  test('is ended when the command is stopped, with the reason of the command', async () => {
    const stop = new AbortController()
    const running = run(node, script('setInterval(()=>{},1000)', { signal: stop.signal }))
    stop.abort(new HaalError('E_INTERRUPTED', 'SIGTERM'))
    await expect(running).rejects.toMatchObject({ code: 'E_INTERRUPTED', message: 'SIGTERM' })
    await expect(run(node, script('', { signal: stop.signal }))).rejects.toMatchObject({ code: 'E_INTERRUPTED' })
  })

  test.each<[why: string, more: Partial<Call>]>([
    ['its folder is a file', { cwd: import.meta.filename }],
    ['its arguments are longer than the system takes', { args: ['x'.repeat(4_000_000)] }],
  ])('is an error where %s', async (_why, more) => {
    await expect(run(node, script('', more))).rejects.toMatchObject({ code: 'E_DISK' })
  })

  test('is an error where it is not there', async () => {
    await expect(run(path.join(folder(), 'nothing'), script(''))).rejects.toMatchObject({ code: 'E_DISK' })
  })
})

describe('a program that is talked to', () => {
  const echo = `let rest='';process.stdin.on('data',d=>{rest+=d;const l=rest.split('\\n');rest=l.pop();
    for(const n of l)process.stdout.write(n+'\\n'+'x'.repeat(Number(n)))})`

  test('answers byte for byte, whatever the pieces it comes in', async () => {
    const it = talk(node, script(echo))
    it.say('3\n200000\n')
    expect(String((await it.held(5)).subarray(0, 5))).toBe('3\nxxx')
    it.take(5)
    expect(String(await it.held(200_007))).toBe(`200000\n${'x'.repeat(200_000)}`)
    it.take(200_006)
    it.say('0\n')
    expect(String(await it.held(3))).toBe('x0\n')
    it.end()
  })

  test('is waited for, byte for byte', async () => {
    const said = [...'\nab\nxyz123']
    const slow = `process.stdin.on('end',()=>process.exit()).resume();const all=${JSON.stringify(said)};setInterval(()=>{if(all.length>0)process.stdout.write(all.shift())},2)`
    const it = talk(node, script(slow))
    expect(String((await it.held(8)).subarray(0, 6))).toBe('\nab\nxy')
    it.take(8)
    expect(String(await it.held(2))).toBe('23')
    it.end()
  })

  test('is an error when it ends or says nothing', async () => {
    const gone = talk(node, script('process.stderr.write("broken");process.exitCode=2'))
    await expect(gone.held(1)).rejects.toMatchObject({ code: 'E_DISK', message: expect.stringContaining('broken') })
    const silent = talk(node, script('process.stdin.resume()', { timeout: 300 }))
    await expect(silent.held(1)).rejects.toMatchObject({ code: 'E_TIMEOUT' })
  })
})

describe('where a program lies', () => {
  test.skipIf(process.platform === 'win32')('[S8] only absolute folders of PATH are looked in', () => {
    const root = folder()
    fs.writeFileSync(path.join(root, 'git'), '#!/bin/sh\n', { mode: 0o755 })
    fs.mkdirSync(path.join(root, 'deep', 'git'), { recursive: true })
    fs.writeFileSync(path.join(root, 'plain'), 'x', { mode: 0o644 })
    const here = path.relative(process.cwd(), root)
    const find = (name: string, ...folders: string[]) => findProgram(name, { PATH: folders.join(path.delimiter) })
    expect(find('git', '', '.', here)).toBeUndefined()
    expect(find('git', path.join(root, 'deep'), root)).toBe(path.join(root, 'git'))
    expect(find('plain', root)).toBeUndefined()
    expect(findProgram('git', {})).toBeUndefined()
  })

  test.skipIf(process.platform === 'win32')(
    'a program that nobody ended does not keep haal alive, and ends with it',
    async () => {
      const source = JSON.stringify(path.resolve(import.meta.dirname, '../../src/io/process.ts'))
      const code = `import { build } from 'esbuild'
      const { outputFiles } = await build({ entryPoints: [${source}], bundle: true, write: false, platform: 'node', format: 'esm' })
      const { run, talk } = await import('data:text/javascript,' + encodeURIComponent(outputFiles[0].text))
      const call = { env: {}, cwd: process.cwd(), signal: new AbortController().signal, timeout: 9000, limit: 100 }
      const deaf = 'setInterval(()=>{},1000);process.stdin.on("data",()=>process.stdout.write(process.pid+"\\\\n"))'
      const it = talk(process.execPath, { ...call, args: ['-e', deaf] })
      await run(process.execPath, { ...call, args: ['--version'] })
      it.say('x')
      console.log(String(await it.held(2)))`
      const pid = execFileSync(node, ['--input-type=module', '-e', code], { encoding: 'utf8', timeout: 15_000 })
      await vi.waitFor(() => expect(isAlive(Number(pid))).toBe(false))
    },
  )
})
