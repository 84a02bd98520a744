# Completion of haal for fish. Written by "haal completion fish".

# Prints the command on the line so far (nothing, a group, or a whole command), then "later" where it has an argument, else "first".
function __haal_command
  set -l skip
  set -l found
  set -l place first
  for word in (commandline -opc)[2..]
    if test -n "$skip"
      set skip
    else if contains -- $word --cwd -C --config --wait --registry --target --kind --from --approve --to --as --format --name --ref --token --key --id --expires
      set skip 1
    else if not string match -q -- '-*' $word
      switch "$found"
        case ''
          switch $word
            case i add
              set found install
            case remove rm
              set found uninstall
            case up upgrade
              set found update
            case ls
              set found list
            case '*'
              set found $word
          end
        case cache policy registry target
          set found "$found $word"
        case 'help'
          contains -- $word cache policy registry target; and set found "help $word"; or set place later
        case '*'
          set place later
      end
    end
  end
  echo $found
  echo $place
end

function __haal_at
  set -l now (__haal_command)
  test "$now[1]" = "$argv[1]"; or return
  test -z "$argv[2]" -o "$now[2]" = "$argv[2]"
end

# The folder that the line works in.
function __haal_folder
  set -l at $PWD
  set -l before
  for word in (commandline -opc)
    if contains -- "$before" -C --cwd
      set at (__haal_go $word)
    else if string match -q -- '--cwd=*' $word
      set at (__haal_go (string replace -- --cwd= '' $word))
    else if contains -- $word --global -g
      set at $HOME
    end
    set before $word
  end
  echo $at
end

# Where --cwd leads.
function __haal_go
  set -l to (string replace -r '^~' $HOME -- $argv[1])
  path resolve -- $to 2> /dev/null; or echo $to
end

# Names of a type, from the file that haal keeps at the project's root; without one haal is asked.
function __haal_names
  set -l at (__haal_folder)
  while not test -e $at/haal.json -o -e $at/haal.lock -o -d $at/.haal
    test -n "$at"; or return
    set at (string replace -r '/[^/]*$' '' -- $at)
  end
  set -l names
  if test -f $at/.haal/.state/names
    set names (string replace -f -r "^$argv[1]\t" '' < $at/.haal/.state/names)
  else
    set names (command haal __complete $argv[1] --cwd $at/ 2> /dev/null)
  end
  set names (string match -r '^[A-Za-z0-9@._/+-]+$' -- $names)
  if contains -- $argv[1] installed available
    if not string match -q -- '*/*' (commandline -ct)
      string replace -r '^[^/]*/' '' -- $names
    end
    test -n "$(commandline -ct)"; and printf '%s\n' $names
  else
    printf '%s\n' $names
  end
end

complete -c haal -f
complete -c haal -l json -d 'print one JSON document'
complete -c haal -s n -l dry-run -d 'say what would be done, and write nothing'
complete -c haal -s y -l yes -d 'go on without asking; questions about safety are still asked'
complete -c haal -s q -l quiet -d 'print only what was asked for, and errors'
complete -c haal -l verbose -d 'say more of what happens, and where an error comes from'
complete -c haal -l offline -d 'use no network; what is stored and cached may answer'
complete -c haal -l refresh -d 'ask registries again, whatever is cached'
complete -c haal -s g -l global -d 'work on what is installed for you instead of the project'
complete -c haal -s C -l cwd -x -a '(__fish_complete_directories)' -d 'start in this folder'
complete -c haal -l config -r -F -d 'read this file instead of haal.json'
complete -c haal -l wait -x -d 'seconds to wait for another haal on the same project (10)'
complete -c haal -s h -l help -d 'explain the command'

complete -c haal -n '__haal_at ""' -a agentos -d 'say what the AgentOS runtime loads of what is installed, and what it cannot load'
complete -c haal -n '__haal_at ""' -a cache -d 'show, empty or prune what haal keeps for all projects'
complete -c haal -n '__haal_at ""' -a completion -d 'print the completion script of a shell, or install it'
complete -c haal -n '__haal_at ""' -a copy -d 'copy an artifact to a folder, to where a tool reads it, or into a registry'
complete -c haal -n '__haal_at ""' -a diff -d 'show what you changed in installed artifacts or, with --upstream, what an update would change'
complete -c haal -n '__haal_at ""' -a doctor -d 'look over everything haal depends on; exit 2 if something is wrong, with what mends it'
complete -c haal -n '__haal_at ""' -a help -d 'explain haal, a command, or every error'
complete -c haal -n '__haal_at ""' -a history -d 'list the generations that rollback can go back to, with what each changed'
complete -c haal -n '__haal_at ""' -a info -d 'show one artifact: where it comes from, its files, and what in it can run'
complete -c haal -n '__haal_at ""' -a init -d 'make haal.json, with registries and the tools found in this folder'
complete -c haal -n '__haal_at ""' -a install -d 'put artifacts into the project and record them in haal.json and haal.lock'
complete -c haal -n '__haal_at ""' -a list -d 'list what is installed or, with --available, what the registries have'
complete -c haal -n '__haal_at ""' -a outdated -d 'say what an update would raise, and what is newer beyond the ranges'
complete -c haal -n '__haal_at ""' -a pin -d 'keep artifacts at the version they have, or at the one given'
complete -c haal -n '__haal_at ""' -a policy -d 'show the rules of policy, or judge haal.lock by them'
complete -c haal -n '__haal_at ""' -a registry -d 'list, add, remove or try registries'
complete -c haal -n '__haal_at ""' -a rollback -d 'bring back the generation before, or any other, or one artifact of it'
complete -c haal -n '__haal_at ""' -a search -d 'find artifacts whose name, kind, id, description or author has these words'
complete -c haal -n '__haal_at ""' -a target -d 'list, add or remove the tools that what is installed is for'
complete -c haal -n '__haal_at ""' -a trust -d 'let a registry\'s token be sent to that registry, from every project of yours'
complete -c haal -n '__haal_at ""' -a uninstall -d 'take artifacts out, with what only they required'
complete -c haal -n '__haal_at ""' -a unpin -d 'let artifacts be updated again'
complete -c haal -n '__haal_at ""' -a update -d 'raise artifacts to the newest that haal.json allows'
complete -c haal -n '__haal_at ""' -a verify -d 'compare installed files with haal.lock, byte by byte; exit 9 if anything differs'
complete -c haal -n '__haal_at ""' -a why -d 'say why an artifact is here, why from this registry, and what policy says of it'
complete -c haal -n '__haal_at cache' -a info -d 'say where cache and store are, and how large'
complete -c haal -n '__haal_at cache' -a clean -d 'empty the cache; what is installed, and what rollback needs, stays'
complete -c haal -n '__haal_at cache' -a prune -d 'remove from the store what no generation of any of your projects needs'
complete -c haal -n '__haal_at policy' -a show -d 'show every rule of policy that holds here, and where it comes from'
complete -c haal -n '__haal_at policy' -a check -d 'judge haal.lock by policy, without writing; exit 5 if something is not allowed'
complete -c haal -n '__haal_at policy' -a sign -d 'sign a policy file, so that a stricter policy can ask for it'
complete -c haal -n '__haal_at registry' -a list -d 'list the registries, in the order in which they are asked'
complete -c haal -n '__haal_at registry' -a add -d 'add a registry at the end of the list in haal.json'
complete -c haal -n '__haal_at registry' -a remove -d 'take a registry out of haal.json, if nothing installed came from it'
complete -c haal -n '__haal_at registry' -a ping -d 'ask registries whether they answer: exit 7 if not, 5 if policy forbids it'
complete -c haal -n '__haal_at registry' -a sign -d 'sign the index of a registry, so that others can hold it to that'
complete -c haal -n '__haal_at registry' -a verify -d 'verify the signature of a registry or of a folder; exit 6 if it is not good'
complete -c haal -n '__haal_at registry' -a keygen -d 'make a key to sign registries and policies with'
complete -c haal -n '__haal_at target' -a list -d 'list the tools haal places things for, which of them are used here, and what each can be given'
complete -c haal -n '__haal_at target' -a add -d 'add tools to haal.json, and give them what is installed'
complete -c haal -n '__haal_at target' -a remove -d 'take tools out of haal.json, and what is installed out of their folders'

complete -c haal -n '__haal_at "init"' -l registry -x -a '(__fish_complete_directories)' -d 'a registry: [name=]owner/repo[#ref], a URL, a path or npm:pkg; the first is asked first'
complete -c haal -n '__haal_at "init"' -l target -x -a 'claude copilot cursor windsurf kiro codex gemini opencode agents agentos roo junie augment factory goose qwen kilocode openhands trae continue crush' -d 'a tool to place installed artifacts for, such as claude'

complete -c haal -n '__haal_at "install"' -f -a '(__haal_names available)'
complete -c haal -n '__haal_at "install"' -l frozen -d 'install exactly what haal.lock says, and fail if anything differs; for CI'
complete -c haal -n '__haal_at "install"' -l all -d 'install everything the registries have'
complete -c haal -n '__haal_at "install"' -l kind -x -a 'skill agent command hook plugin rule mcp tool guardrail workflow persona extension bundle' -d 'with --all: only this kind'
complete -c haal -n '__haal_at "install"' -l from -x -a '(__fish_complete_directories)' -d 'take it from owner/repo[/path][#ref], a git or https URL, a path or npm:pkg, and add that to haal.json'
complete -c haal -n '__haal_at "install"' -s f -l force -d 'go on where files were edited or are in the way, and keep them aside'
complete -c haal -n '__haal_at "install"' -l allow-missing -d 'go on without a secondary registry that does not answer'
complete -c haal -n '__haal_at "install"' -l approve -x -a '(__haal_names available)' -d 'let this artifact bring what can run: hooks, scripts, MCP servers'
complete -c haal -n '__haal_at "install"' -l strict -d 'refuse what is otherwise a warning: names, frontmatter'

complete -c haal -n '__haal_at "uninstall"' -f -a '(__haal_names installed)'
complete -c haal -n '__haal_at "uninstall"' -s f -l force -d 'remove edited files too, and keep them aside'

complete -c haal -n '__haal_at "update"' -f -a '(__haal_names installed)'
complete -c haal -n '__haal_at "update"' -l latest -d 'take the newest there is, and rewrite the ranges'
complete -c haal -n '__haal_at "update"' -s f -l force -d 'go on where files were edited or are in the way, and keep them aside'
complete -c haal -n '__haal_at "update"' -l allow-missing -d 'go on without a secondary registry that does not answer'
complete -c haal -n '__haal_at "update"' -l approve -x -a '(__haal_names installed)' -d 'let this artifact bring what can run: hooks, scripts, MCP servers'

complete -c haal -n '__haal_at "pin"' -f -a '(__haal_names installed)'
complete -c haal -n '__haal_at "pin"' -s f -l force -d 'go on where files were edited or are in the way, and keep them aside'
complete -c haal -n '__haal_at "pin"' -l approve -x -a '(__haal_names installed)' -d 'let this artifact bring what can run: hooks, scripts, MCP servers'

complete -c haal -n '__haal_at "unpin"' -f -a '(__haal_names installed)'

complete -c haal -n '__haal_at "rollback"' -f -a '(__haal_names installed)'
complete -c haal -n '__haal_at "rollback"' -l to -x -a '(__haal_names generation)' -d 'the generation to bring back; see haal history'
complete -c haal -n '__haal_at "rollback"' -s f -l force -d 'go on where files were edited or are in the way, and keep them aside'
complete -c haal -n '__haal_at "rollback"' -l approve -x -a '(__haal_names installed)' -d 'let this artifact bring what can run: hooks, scripts, MCP servers'

complete -c haal -n '__haal_at "copy" first' -f -a '(__haal_names available)'
complete -c haal -n '__haal_at "copy" later' -f -a 'claude copilot cursor windsurf kiro codex gemini opencode agents agentos roo junie augment factory goose qwen kilocode openhands trae continue crush (__fish_complete_directories)'
complete -c haal -n '__haal_at "copy"' -l as -x -d 'another name for the copy'
complete -c haal -n '__haal_at "copy"' -s f -l force -d 'go on where files are in the way, and keep them aside'
complete -c haal -n '__haal_at "copy"' -l approve -x -a '(__haal_names available)' -d 'let this artifact bring what can run: hooks, scripts, MCP servers'

complete -c haal -n '__haal_at "list"' -l available -d 'list what the registries have'
complete -c haal -n '__haal_at "list"' -l kind -x -a 'skill agent command hook plugin rule mcp tool guardrail workflow persona extension bundle' -d 'only this kind'
complete -c haal -n '__haal_at "list"' -l registry -x -a '(__haal_names registry)' -d 'only what comes from this registry'
complete -c haal -n '__haal_at "list"' -l allow-missing -d 'go on without a secondary registry that does not answer'

complete -c haal -n '__haal_at "outdated"' -f -a '(__haal_names installed)'

complete -c haal -n '__haal_at "search"' -l kind -x -a 'skill agent command hook plugin rule mcp tool guardrail workflow persona extension bundle' -d 'only this kind'
complete -c haal -n '__haal_at "search"' -l registry -x -a '(__haal_names registry)' -d 'only what comes from this registry'
complete -c haal -n '__haal_at "search"' -l allow-missing -d 'go on without a secondary registry that does not answer'

complete -c haal -n '__haal_at "info"' -f -a '(__haal_names available)'

complete -c haal -n '__haal_at "why"' -f -a '(__haal_names available)'

complete -c haal -n '__haal_at "verify"' -f -a '(__haal_names installed)'
complete -c haal -n '__haal_at "verify"' -l format -x -a 'sarif' -d 'print what was found for a code scanner'

complete -c haal -n '__haal_at "diff"' -f -a '(__haal_names installed)'
complete -c haal -n '__haal_at "diff"' -l upstream -d 'compare with what an update would bring'





complete -c haal -n '__haal_at "target add"' -f -a 'claude copilot cursor windsurf kiro codex gemini opencode agents agentos roo junie augment factory goose qwen kilocode openhands trae continue crush'
complete -c haal -n '__haal_at "target add"' -s f -l force -d 'go on where files were edited or are in the way, and keep them aside'

complete -c haal -n '__haal_at "target remove"' -f -a '(__haal_names target)'
complete -c haal -n '__haal_at "target remove"' -s f -l force -d 'go on where files were edited or are in the way, and keep them aside'


complete -c haal -n '__haal_at "registry add"' -f -a '(__fish_complete_directories)'
complete -c haal -n '__haal_at "registry add"' -l name -x -d 'what to call it; by default taken from its address'
complete -c haal -n '__haal_at "registry add"' -l ref -x -d 'branch, tag, version or commit'
complete -c haal -n '__haal_at "registry add"' -l token -x -d 'the environment variable that holds its token, as ${NAME}'
complete -c haal -n '__haal_at "registry add"' -l verified -d 'say that you have verified it'

complete -c haal -n '__haal_at "registry remove"' -f -a '(__haal_names registry)'

complete -c haal -n '__haal_at "registry ping"' -f -a '(__haal_names registry)'

complete -c haal -n '__haal_at "registry sign"' -f -a '(__fish_complete_directories)'
complete -c haal -n '__haal_at "registry sign"' -l key -r -F -d 'the private key, PKCS#8 PEM: ed25519 or P-256'
complete -c haal -n '__haal_at "registry sign"' -l id -x -d 'what it calls itself; by default what it did last time, else its name'
complete -c haal -n '__haal_at "registry sign"' -l expires -x -d 'days until it has to be signed again (90)'
complete -c haal -n '__haal_at "registry sign"' -l cosign -d 'add a signature to what another key has signed already'

complete -c haal -n '__haal_at "registry verify"' -f -a '(__haal_names registry)'
complete -c haal -n '__haal_at "registry verify"' -l key -r -F -d 'a public key to trust, or a file that holds it'

complete -c haal -n '__haal_at "registry keygen"' -r -F

complete -c haal -n '__haal_at "trust"' -f -a '(__haal_names registry)'


complete -c haal -n '__haal_at "policy check"' -l format -x -a 'sarif' -d 'print what was found for a code scanner'

complete -c haal -n '__haal_at "policy sign"' -r -F
complete -c haal -n '__haal_at "policy sign"' -l key -r -F -d 'the private key, PKCS#8 PEM: ed25519 or P-256'
complete -c haal -n '__haal_at "policy sign"' -l id -x -d 'what it calls itself; by default what it did last time, else its name'
complete -c haal -n '__haal_at "policy sign"' -l expires -x -d 'days until it has to be signed again (90)'
complete -c haal -n '__haal_at "policy sign"' -l cosign -d 'add a signature to what another key has signed already'




complete -c haal -n '__haal_at "completion"' -f -a 'bash zsh fish powershell install'

complete -c haal -n '__haal_at "help"' -f -a 'init install uninstall update pin unpin rollback copy list outdated search info why verify diff history doctor agentos trust completion help cache policy registry target errors'
complete -c haal -n '__haal_at "help"' -l markdown -d 'print a page in Markdown; without a topic, of all commands'

complete -c haal -n '__haal_at "help cache"' -f -a 'info clean prune'
complete -c haal -n '__haal_at "help cache"' -l markdown -d 'print a page in Markdown; without a topic, of all commands'

complete -c haal -n '__haal_at "help policy"' -f -a 'show check sign'
complete -c haal -n '__haal_at "help policy"' -l markdown -d 'print a page in Markdown; without a topic, of all commands'

complete -c haal -n '__haal_at "help registry"' -f -a 'list add remove ping sign verify keygen'
complete -c haal -n '__haal_at "help registry"' -l markdown -d 'print a page in Markdown; without a topic, of all commands'

complete -c haal -n '__haal_at "help target"' -f -a 'list add remove'
complete -c haal -n '__haal_at "help target"' -l markdown -d 'print a page in Markdown; without a topic, of all commands'
