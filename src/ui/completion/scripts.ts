import { bashScript } from './bash.js'
import { fishScript } from './fish.js'
import { powershellScript } from './powershell.js'
import type { Shell, Words } from './words.js'
import { zshScript } from './zsh.js'

/** One completion script a shell, and what its file is called where a shell looks for it. */
export const scripts: Record<Shell, { file: string; print(words: Words): string }> = {
  bash: { file: 'haal.bash', print: bashScript },
  zsh: { file: '_haal', print: zshScript },
  fish: { file: 'haal.fish', print: fishScript },
  powershell: { file: 'haal.ps1', print: powershellScript },
}
