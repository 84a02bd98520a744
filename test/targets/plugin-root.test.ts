import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { withFolder, withFolderQuoted } from '../../src/targets/plugin-root.js'

const root = '${CLAUDE_PLUGIN_ROOT}'

test.each([
  [`${root}/run.sh now`, '"$HOME/x/run.sh" now'],
  [`bash "${root}/run.sh" 'a b'`, `bash "$HOME/x/run.sh" 'a b'`],
  [`echo it\\'s ${root}/a`, `echo it\\'s "$HOME/x/a"`],
  [`bash -c "cd ${root} && ./run.sh"`, 'bash -c "cd $HOME/x && ./run.sh"'],
  [`node '${root}/a.js' ${root}`, `node ''"$HOME/x"'/a.js' "$HOME/x"`],
  [`PATH=${root}/bin:$PATH ls ${root}/*.md`, 'PATH="$HOME/x/bin:"$PATH ls "$HOME/x/"*.md'],
  ['%CLAUDE_PLUGIN_ROOT%/a $CLAUDE_PLUGIN_ROOT/b', '"$HOME/x/a" "$HOME/x/b"'],
])('[T1] in the command line %s a folder is quoted where the line does not', (text, quoted) => {
  expect(withFolderQuoted(text, '$HOME/x')).toBe(quoted)
})

test('[T1] a folder whose name needs no quotes gets none', () => {
  expect(withFolderQuoted(`${root}/run.sh`, '.haal/hooks/guard')).toBe('.haal/hooks/guard/run.sh')
})

test.skipIf(process.platform === 'win32')(
  '[T1] a shell finds a hook’s script in a folder whose name has a space',
  () => {
    const home = mkdtempSync(path.join(tmpdir(), 'a hook in '))
    onTestFinished(() => rmSync(home, { recursive: true, force: true }))
    mkdirSync(path.join(home, 'x'))
    writeFileSync(path.join(home, 'x/run.sh'), 'echo "ran $1"\n')
    const lines = [
      `sh ${root}/run.sh 1`,
      `sh "${root}/run.sh" 1`,
      `sh '${root}/run.sh' 1`,
      `sh -c "sh '${root}/run.sh' 1"`,
    ]
    const ran = lines.map((line) =>
      spawnSync('sh', ['-c', withFolderQuoted(line, '$PLACE/x')], { env: { PATH: process.env.PATH, PLACE: home } }),
    )
    expect(ran.map(({ stdout }) => String(stdout))).toEqual(lines.map(() => 'ran 1\n'))
    const [plain = ''] = lines
    const bare = spawnSync('sh', ['-c', withFolder(plain, '$PLACE/x')], {
      env: { PATH: process.env.PATH, PLACE: home },
    })
    expect(String(bare.stdout)).toBe('')
  },
)
