# Completion of haal for PowerShell. Written by "haal completion powershell".

$script:haalFirst = [ordered]@{
    'agentos' = 'say what the AgentOS runtime loads of what is installed, and what it cannot load'
    'cache' = 'show, empty or prune what haal keeps for all projects'
    'completion' = 'print the completion script of a shell, or install it'
    'copy' = 'copy an artifact to a folder, to where a tool reads it, or into a registry'
    'diff' = 'show what you changed in installed artifacts or, with --upstream, what an update would change'
    'doctor' = 'look over everything haal depends on; exit 2 if something is wrong, with what mends it'
    'help' = 'explain haal, a command, or every error'
    'history' = 'list the generations that rollback can go back to, with what each changed'
    'info' = 'show one artifact: where it comes from, its files, and what in it can run'
    'init' = 'make haal.json, with registries and the tools found in this folder'
    'install' = 'put artifacts into the project and record them in haal.json and haal.lock'
    'list' = 'list what is installed or, with --available, what the registries have'
    'outdated' = 'say what an update would raise, and what is newer beyond the ranges'
    'pin' = 'keep artifacts at the version they have, or at the one given'
    'policy' = 'show the rules of policy, or judge haal.lock by them'
    'registry' = 'list, add, remove or try registries'
    'rollback' = 'bring back the generation before, or any other, or one artifact of it'
    'search' = 'find artifacts whose name, kind, id, description or author has these words'
    'target' = 'list, add or remove the tools that what is installed is for'
    'trust' = 'let a registry''s token be sent to that registry, from every project of yours'
    'uninstall' = 'take artifacts out, with what only they required'
    'unpin' = 'let artifacts be updated again'
    'update' = 'raise artifacts to the newest that haal.json allows'
    'verify' = 'compare installed files with haal.lock, byte by byte; exit 9 if anything differs'
    'why' = 'say why an artifact is here, why from this registry, and what policy says of it'
}

$script:haalSecond = [ordered]@{
    'cache' = [ordered]@{ 'info' = 'say where cache and store are, and how large'; 'clean' = 'empty the cache; what is installed, and what rollback needs, stays'; 'prune' = 'remove from the store what no generation of any of your projects needs' }
    'policy' = [ordered]@{ 'show' = 'show every rule of policy that holds here, and where it comes from'; 'check' = 'judge haal.lock by policy, without writing; exit 5 if something is not allowed'; 'sign' = 'sign a policy file, so that a stricter policy can ask for it' }
    'registry' = [ordered]@{ 'list' = 'list the registries, in the order in which they are asked'; 'add' = 'add a registry at the end of the list in haal.json'; 'remove' = 'take a registry out of haal.json, if nothing installed came from it'; 'ping' = 'ask registries whether they answer: exit 7 if not, 5 if policy forbids it'; 'sign' = 'sign the index of a registry, so that others can hold it to that'; 'verify' = 'verify the signature of a registry or of a folder; exit 6 if it is not good'; 'keygen' = 'make a key to sign registries and policies with' }
    'target' = [ordered]@{ 'list' = 'list the tools haal places things for, which of them are used here, and what each can be given'; 'add' = 'add tools to haal.json, and give them what is installed'; 'remove' = 'take tools out of haal.json, and what is installed out of their folders' }
}

$script:haalAlias = [ordered]@{
    'i' = 'install'
    'add' = 'install'
    'remove' = 'uninstall'
    'rm' = 'uninstall'
    'up' = 'update'
    'upgrade' = 'update'
    'ls' = 'list'
}

$script:haalTakes = [ordered]@{
    'install' = ':available'
    'uninstall' = ':installed'
    'update' = ':installed'
    'pin' = ':installed'
    'unpin' = ':installed'
    'rollback' = ':installed'
    'copy' = ':available'
    'outdated' = ':installed'
    'info' = ':available'
    'why' = ':available'
    'verify' = ':installed'
    'diff' = ':installed'
    'target add' = '=claude copilot cursor windsurf kiro codex gemini opencode agents agentos roo junie augment factory goose qwen kilocode openhands trae continue crush'
    'target remove' = ':target'
    'registry add' = '/folder'
    'registry remove' = ':registry'
    'registry ping' = ':registry'
    'registry sign' = '/folder'
    'registry verify' = ':registry'
    'registry keygen' = '/file'
    'trust' = ':registry'
    'policy sign' = '/file'
    'completion' = '=bash zsh fish powershell install'
    'help' = '=init install uninstall update pin unpin rollback copy list outdated search info why verify diff history doctor agentos trust completion help cache policy registry target errors'
    'help cache' = '=info clean prune'
    'help policy' = '=show check sign'
    'help registry' = '=list add remove ping sign verify keygen'
    'help target' = '=list add remove'
}

$script:haalLater = [ordered]@{
    'copy' = '+claude copilot cursor windsurf kiro codex gemini opencode agents agentos roo junie augment factory goose qwen kilocode openhands trae continue crush'
}

$script:haalCommon = [ordered]@{
    '--json' = 'print one JSON document'
    '-n' = 'say what would be done, and write nothing'
    '--dry-run' = 'say what would be done, and write nothing'
    '-y' = 'go on without asking; questions about safety are still asked'
    '--yes' = 'go on without asking; questions about safety are still asked'
    '-q' = 'print only what was asked for, and errors'
    '--quiet' = 'print only what was asked for, and errors'
    '--verbose' = 'say more of what happens, and where an error comes from'
    '--offline' = 'use no network; what is stored and cached may answer'
    '--refresh' = 'ask registries again, whatever is cached'
    '-g' = 'work on what is installed for you instead of the project'
    '--global' = 'work on what is installed for you instead of the project'
    '-C' = 'start in this folder'
    '--cwd' = 'start in this folder'
    '--config' = 'read this file instead of haal.json'
    '--wait' = 'seconds to wait for another haal on the same project (10)'
    '-h' = 'explain the command'
    '--help' = 'explain the command'
}

$script:haalFlags = [ordered]@{
    'init' = [ordered]@{ '--registry' = 'a registry: [name=]owner/repo[#ref], a URL, a path or npm:pkg; the first is asked first'; '--target' = 'a tool to place installed artifacts for, such as claude' }
    'install' = [ordered]@{ '--frozen' = 'install exactly what haal.lock says, and fail if anything differs; for CI'; '--all' = 'install everything the registries have'; '--kind' = 'with --all: only this kind'; '--from' = 'take it from owner/repo[/path][#ref], a git or https URL, a path or npm:pkg, and add that to haal.json'; '-f' = 'go on where files were edited or are in the way, and keep them aside'; '--force' = 'go on where files were edited or are in the way, and keep them aside'; '--allow-missing' = 'go on without a secondary registry that does not answer'; '--approve' = 'let this artifact bring what can run: hooks, scripts, MCP servers'; '--strict' = 'refuse what is otherwise a warning: names, frontmatter' }
    'uninstall' = [ordered]@{ '-f' = 'remove edited files too, and keep them aside'; '--force' = 'remove edited files too, and keep them aside' }
    'update' = [ordered]@{ '--latest' = 'take the newest there is, and rewrite the ranges'; '-f' = 'go on where files were edited or are in the way, and keep them aside'; '--force' = 'go on where files were edited or are in the way, and keep them aside'; '--allow-missing' = 'go on without a secondary registry that does not answer'; '--approve' = 'let this artifact bring what can run: hooks, scripts, MCP servers' }
    'pin' = [ordered]@{ '-f' = 'go on where files were edited or are in the way, and keep them aside'; '--force' = 'go on where files were edited or are in the way, and keep them aside'; '--approve' = 'let this artifact bring what can run: hooks, scripts, MCP servers' }
    'rollback' = [ordered]@{ '--to' = 'the generation to bring back; see haal history'; '-f' = 'go on where files were edited or are in the way, and keep them aside'; '--force' = 'go on where files were edited or are in the way, and keep them aside'; '--approve' = 'let this artifact bring what can run: hooks, scripts, MCP servers' }
    'copy' = [ordered]@{ '--as' = 'another name for the copy'; '-f' = 'go on where files are in the way, and keep them aside'; '--force' = 'go on where files are in the way, and keep them aside'; '--approve' = 'let this artifact bring what can run: hooks, scripts, MCP servers' }
    'list' = [ordered]@{ '--available' = 'list what the registries have'; '--kind' = 'only this kind'; '--registry' = 'only what comes from this registry'; '--allow-missing' = 'go on without a secondary registry that does not answer' }
    'search' = [ordered]@{ '--kind' = 'only this kind'; '--registry' = 'only what comes from this registry'; '--allow-missing' = 'go on without a secondary registry that does not answer' }
    'verify' = [ordered]@{ '--format' = 'print what was found for a code scanner' }
    'diff' = [ordered]@{ '--upstream' = 'compare with what an update would bring' }
    'target add' = [ordered]@{ '-f' = 'go on where files were edited or are in the way, and keep them aside'; '--force' = 'go on where files were edited or are in the way, and keep them aside' }
    'target remove' = [ordered]@{ '-f' = 'go on where files were edited or are in the way, and keep them aside'; '--force' = 'go on where files were edited or are in the way, and keep them aside' }
    'registry add' = [ordered]@{ '--name' = 'what to call it; by default taken from its address'; '--ref' = 'branch, tag, version or commit'; '--token' = 'the environment variable that holds its token, as ${NAME}'; '--verified' = 'say that you have verified it' }
    'registry sign' = [ordered]@{ '--key' = 'the private key, PKCS#8 PEM: ed25519 or P-256'; '--id' = 'what it calls itself; by default what it did last time, else its name'; '--expires' = 'days until it has to be signed again (90)'; '--cosign' = 'add a signature to what another key has signed already' }
    'registry verify' = [ordered]@{ '--key' = 'a public key to trust, or a file that holds it' }
    'policy check' = [ordered]@{ '--format' = 'print what was found for a code scanner' }
    'policy sign' = [ordered]@{ '--key' = 'the private key, PKCS#8 PEM: ed25519 or P-256'; '--id' = 'what it calls itself; by default what it did last time, else its name'; '--expires' = 'days until it has to be signed again (90)'; '--cosign' = 'add a signature to what another key has signed already' }
    'help' = [ordered]@{ '--markdown' = 'print a page in Markdown; without a topic, of all commands' }
    'help cache' = [ordered]@{ '--markdown' = 'print a page in Markdown; without a topic, of all commands' }
    'help policy' = [ordered]@{ '--markdown' = 'print a page in Markdown; without a topic, of all commands' }
    'help registry' = [ordered]@{ '--markdown' = 'print a page in Markdown; without a topic, of all commands' }
    'help target' = [ordered]@{ '--markdown' = 'print a page in Markdown; without a topic, of all commands' }
}

$script:haalValues = [ordered]@{
    ' -C' = '/folder'
    ' --cwd' = '/folder'
    ' --config' = '/file'
    ' --wait' = ''
    'init --registry' = '/folder'
    'init --target' = '=claude copilot cursor windsurf kiro codex gemini opencode agents agentos roo junie augment factory goose qwen kilocode openhands trae continue crush'
    'install --kind' = '=skill agent command hook plugin rule mcp tool guardrail workflow persona extension bundle'
    'install --from' = '/folder'
    'install --approve' = ':available'
    'update --approve' = ':installed'
    'pin --approve' = ':installed'
    'rollback --to' = ':generation'
    'rollback --approve' = ':installed'
    'copy --as' = ''
    'copy --approve' = ':available'
    'list --kind' = '=skill agent command hook plugin rule mcp tool guardrail workflow persona extension bundle'
    'list --registry' = ':registry'
    'search --kind' = '=skill agent command hook plugin rule mcp tool guardrail workflow persona extension bundle'
    'search --registry' = ':registry'
    'verify --format' = '=sarif'
    'registry add --name' = ''
    'registry add --ref' = ''
    'registry add --token' = ''
    'registry sign --key' = '/file'
    'registry sign --id' = ''
    'registry sign --expires' = ''
    'registry verify --key' = '/file'
    'policy check --format' = '=sarif'
    'policy sign --key' = '/file'
    'policy sign --id' = ''
    'policy sign --expires' = ''
}

# Names of a type, from the file that haal keeps at the project's root; without one haal is asked.
function script:HaalNames($type, $at, $word) {
    while ($at -and -not ((Test-Path -LiteralPath (Join-Path $at 'haal.json')) -or (Test-Path -LiteralPath (Join-Path $at 'haal.lock')) -or (Test-Path -LiteralPath (Join-Path $at '.haal')))) {
        $at = Split-Path -Parent $at
    }
    if (-not $at) { return }
    $file = Join-Path $at '.haal/.state/names'
    if (Test-Path -LiteralPath $file) {
        $names = [IO.File]::ReadAllLines($file) | Where-Object { $_.StartsWith("$type`t") } | ForEach-Object { $_.Substring($type.Length + 1) }
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
    [IO.Path]::GetFullPath([IO.Path]::Combine($at, ($to -replace '^~(?=[/\]|$)', $HOME)))
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

Register-ArgumentCompleter -Native -CommandName haal -ScriptBlock {
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
