import type { Flag } from '../../model/command.js'
import { namesFile } from '../../model/completion-names.js'
import {
  argumentsOf,
  type Completable,
  compact,
  firstWords,
  laterOf,
  secondWords,
  spellings,
  type Words,
  wantedBy,
} from './words.js'

/** Windows PowerShell 5.1 and PowerShell 7. */
export function powershellScript(words: Words): string {
  const flagged = words.commands.filter(({ flags }) => flags.length > 0)
  return [
    '# Completion of haal for PowerShell. Written by "haal completion powershell".',
    '',
    table(
      'haalFirst',
      firstWords(words).map(({ word, summary }) => [word, text(summary)]),
    ),
    table(
      'haalSecond',
      words.groups.map(({ word }) => [word, inner(secondWords(words, word))]),
    ),
    table(
      'haalAlias',
      words.commands.flatMap(({ name, aliases }) => aliases.map((alias): [string, string] => [alias, text(name)])),
    ),
    table('haalTakes', words.commands.flatMap(argumentPair)),
    table('haalLater', words.commands.flatMap(laterPair)),
    table('haalCommon', words.common.flatMap(flagPairs)),
    table(
      'haalFlags',
      flagged.map(({ name, flags }) => [name, `[ordered]@{ ${flags.flatMap(flagPairs).map(pairText).join('; ')} }`]),
    ),
    table('haalValues', [
      ...words.common.flatMap((flag) => valuePairs('', flag)),
      ...flagged.flatMap(({ name, flags }) => flags.flatMap((flag) => valuePairs(name, flag))),
    ]),
    reader,
    completer,
  ].join('\n')
}

function argumentPair(command: Completable): [string, string][] {
  const takes = compact(argumentsOf(command))
  return takes === '' ? [] : [[command.name, text(takes)]]
}

function laterPair(command: Completable): [string, string][] {
  const value = laterOf(command)
  return value === undefined ? [] : [[command.name, text(compact(value))]]
}

function flagPairs(flag: Flag): [string, string][] {
  return spellings(flag).map((each) => [each, text(flag.summary)])
}

function valuePairs(command: string, flag: Flag): [string, string][] {
  return flag.value === undefined
    ? []
    : spellings(flag).map((each) => [`${command} ${each}`, text(compact(wantedBy(flag)))])
}

function inner(words: readonly { word: string; summary: string }[]): string {
  return `[ordered]@{ ${words.map(({ word, summary }) => pairText([word, text(summary)])).join('; ')} }`
}

/** Keys of a hash table literal ignore case, so `-V` and `-v` would be one: no two flags of haal differ by case alone. */
function table(name: string, pairs: readonly [string, string][]): string {
  return [`$script:${name} = [ordered]@{`, ...pairs.map((pair) => `    ${pairText(pair)}`), '}', ''].join('\n')
}

function pairText([key, value]: readonly [string, string]): string {
  return `${text(key)} = ${value}`
}

function text(plain: string): string {
  return `'${plain.replaceAll("'", "''")}'`
}

const reader = `# Names of a type, from the file that haal keeps at the project's root; without one haal is asked.
function script:HaalNames($type, $at, $word) {
    while ($at -and -not ((Test-Path -LiteralPath (Join-Path $at 'haal.json')) -or (Test-Path -LiteralPath (Join-Path $at 'haal.lock')) -or (Test-Path -LiteralPath (Join-Path $at '.haal')))) {
        $at = Split-Path -Parent $at
    }
    if (-not $at) { return }
    $file = Join-Path $at '${namesFile}'
    if (Test-Path -LiteralPath $file) {
        $names = [IO.File]::ReadAllLines($file) | Where-Object { $_.StartsWith("$type\`t") } | ForEach-Object { $_.Substring($type.Length + 1) }
    } else {
        $names = & (Get-Command -CommandType @('Application', 'ExternalScript') -Name 'haal' | Select-Object -First 1) __complete $type --cwd $at 2>$null
    }
    $names = @($names | Where-Object { $_ -match '^[A-Za-z0-9@._/+-]+$' })
    if ($type -in 'installed', 'available') {
        if ($word -notlike '*/*') { $names -replace '^[^/]*/', '' }
        if ($word) { $names }
    } else { $names }
}

function script:HaalGo($at, $to) {
    [IO.Path]::GetFullPath([IO.Path]::Combine($at, ($to -replace '^~(?=[/\\]|$)', $HOME)))
}

function script:HaalOffer($words, $word, $kind) {
    foreach ($each in $words.Keys) {
        if ($each.StartsWith($word)) { [Management.Automation.CompletionResult]::new($each, $each, $kind, $words[$each]) }
    }
}

function script:HaalTake($takes, $at, $word) {
    # Where no word fits, PowerShell itself completes a path.
    if ($takes -like '[=+]*') { $found = $takes.Substring(1) -split ' ' }
    elseif ($takes -like ':*') { $found = HaalNames $takes.Substring(1) $at $word }
    else { return }
    $found | Select-Object -Unique | Where-Object { $_.StartsWith($word) } | ForEach-Object {
        [Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
`

const completer = `Register-ArgumentCompleter -Native -CommandName haal -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $at = $PWD.ProviderPath
    $command = ''
    $before = ''
    $only = $false
    $given = $false
    $said = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
    foreach ($each in $said | Select-Object -Skip 1) {
        if ($before) {
            if ($before -in '-C', '--cwd') { $at = HaalGo $at $each }
            $before = ''
        } elseif ($each -eq '--') { $only = $true }
        elseif ($each -in '--global', '-g') { $at = $HOME }
        elseif ($each -like '--cwd=*') { $at = HaalGo $at $each.Substring(6) }
        elseif ($each -like '-*') {
            if ($script:haalValues.Contains("$command $each") -or $script:haalValues.Contains(" $each")) { $before = $each }
        } elseif (-not $command) {
            $command = if ($script:haalAlias.Contains($each)) { $script:haalAlias[$each] } else { $each }
        } elseif ($script:haalSecond.Contains($command)) { $command = "$command $each" }
        elseif ($script:haalTakes.Contains("$command $each")) { $command = "$command $each" }
        else { $given = $true }
    }
    if ($before) {
        $takes = if ($script:haalValues.Contains("$command $before")) { $script:haalValues["$command $before"] } else { $script:haalValues[" $before"] }
        HaalTake $takes $at $wordToComplete
    } elseif ($wordToComplete -like '-*' -and -not $only) {
        if ($script:haalFlags.Contains($command)) { HaalOffer $script:haalFlags[$command] $wordToComplete 'ParameterName' }
        HaalOffer $script:haalCommon $wordToComplete 'ParameterName'
    } elseif (-not $command) { HaalOffer $script:haalFirst $wordToComplete 'Command' }
    elseif ($script:haalSecond.Contains($command)) { HaalOffer $script:haalSecond[$command] $wordToComplete 'Command' }
    elseif ($given -and $script:haalLater.Contains($command)) { HaalTake $script:haalLater[$command] $at $wordToComplete }
    elseif ($script:haalTakes.Contains($command)) { HaalTake $script:haalTakes[$command] $at $wordToComplete }
}
`
