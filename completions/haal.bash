# Completion of haal for bash. Written by "haal completion bash".

# Sets command, own (its flags), takes (what its arguments are) and later (those behind the first); fails where there is no such command.
__haal_command() {
  case "$1" in
    'init')
      command='init'
      own='--registry --target'
      takes='' ;;
    'install'|'i'|'add')
      command='install'
      own='--frozen --all --kind --from -f --force --allow-missing --approve --strict'
      takes=':available' ;;
    'uninstall'|'remove'|'rm')
      command='uninstall'
      own='-f --force'
      takes=':installed' ;;
    'update'|'up'|'upgrade')
      command='update'
      own='--latest -f --force --allow-missing --approve'
      takes=':installed' ;;
    'pin')
      command='pin'
      own='-f --force --approve'
      takes=':installed' ;;
    'unpin')
      command='unpin'
      own=''
      takes=':installed' ;;
    'rollback')
      command='rollback'
      own='--to -f --force --approve'
      takes=':installed' ;;
    'copy')
      command='copy'
      own='--as -f --force --approve'
      later='+claude copilot cursor windsurf kiro codex gemini opencode agents agentos roo junie augment factory goose qwen kilocode openhands trae continue crush'
      takes=':available' ;;
    'list'|'ls')
      command='list'
      own='--available --kind --registry --allow-missing'
      takes='' ;;
    'outdated')
      command='outdated'
      own=''
      takes=':installed' ;;
    'search')
      command='search'
      own='--kind --registry --allow-missing'
      takes='' ;;
    'info')
      command='info'
      own=''
      takes=':available' ;;
    'why')
      command='why'
      own=''
      takes=':available' ;;
    'verify')
      command='verify'
      own='--format'
      takes=':installed' ;;
    'diff')
      command='diff'
      own='--upstream'
      takes=':installed' ;;
    'history')
      command='history'
      own=''
      takes='' ;;
    'doctor')
      command='doctor'
      own=''
      takes='' ;;
    'agentos')
      command='agentos'
      own=''
      takes='' ;;
    'target list')
      command='target list'
      own=''
      takes='' ;;
    'target add')
      command='target add'
      own='-f --force'
      takes='=claude copilot cursor windsurf kiro codex gemini opencode agents agentos roo junie augment factory goose qwen kilocode openhands trae continue crush' ;;
    'target remove')
      command='target remove'
      own='-f --force'
      takes=':target' ;;
    'registry list')
      command='registry list'
      own=''
      takes='' ;;
    'registry add')
      command='registry add'
      own='--name --ref --token --verified'
      takes='/folder' ;;
    'registry remove')
      command='registry remove'
      own=''
      takes=':registry' ;;
    'registry ping')
      command='registry ping'
      own=''
      takes=':registry' ;;
    'registry sign')
      command='registry sign'
      own='--key --id --expires --cosign'
      takes='/folder' ;;
    'registry verify')
      command='registry verify'
      own='--key'
      takes=':registry' ;;
    'registry keygen')
      command='registry keygen'
      own=''
      takes='/file' ;;
    'trust')
      command='trust'
      own=''
      takes=':registry' ;;
    'policy show')
      command='policy show'
      own=''
      takes='' ;;
    'policy check')
      command='policy check'
      own='--format'
      takes='' ;;
    'policy sign')
      command='policy sign'
      own='--key --id --expires --cosign'
      takes='/file' ;;
    'cache info')
      command='cache info'
      own=''
      takes='' ;;
    'cache clean')
      command='cache clean'
      own=''
      takes='' ;;
    'cache prune')
      command='cache prune'
      own=''
      takes='' ;;
    'completion')
      command='completion'
      own=''
      takes='=bash zsh fish powershell install' ;;
    'help')
      command='help'
      own='--markdown'
      takes='=init install uninstall update pin unpin rollback copy list outdated search info why verify diff history doctor agentos trust completion help cache policy registry target errors' ;;
    'help cache')
      command='help cache'
      own='--markdown'
      takes='=info clean prune' ;;
    'help policy')
      command='help policy'
      own='--markdown'
      takes='=show check sign' ;;
    'help registry')
      command='help registry'
      own='--markdown'
      takes='=list add remove ping sign verify keygen' ;;
    'help target')
      command='help target'
      own='--markdown'
      takes='=list add remove' ;;
    *) return 1 ;;
  esac
}

# Sets takes to what the value of a flag is; fails where the flag has none.
__haal_value() {
  case "$command $1" in
    'init --registry') takes='/folder' ;;
    'init --target') takes='=claude copilot cursor windsurf kiro codex gemini opencode agents agentos roo junie augment factory goose qwen kilocode openhands trae continue crush' ;;
    'install --kind') takes='=skill agent command hook plugin rule mcp tool guardrail workflow persona extension bundle' ;;
    'install --from') takes='/folder' ;;
    'install --approve') takes=':available' ;;
    'update --approve') takes=':installed' ;;
    'pin --approve') takes=':installed' ;;
    'rollback --to') takes=':generation' ;;
    'rollback --approve') takes=':installed' ;;
    'copy --as') takes='' ;;
    'copy --approve') takes=':available' ;;
    'list --kind') takes='=skill agent command hook plugin rule mcp tool guardrail workflow persona extension bundle' ;;
    'list --registry') takes=':registry' ;;
    'search --kind') takes='=skill agent command hook plugin rule mcp tool guardrail workflow persona extension bundle' ;;
    'search --registry') takes=':registry' ;;
    'verify --format') takes='=sarif' ;;
    'registry add --name') takes='' ;;
    'registry add --ref') takes='' ;;
    'registry add --token') takes='' ;;
    'registry sign --key') takes='/file' ;;
    'registry sign --id') takes='' ;;
    'registry sign --expires') takes='' ;;
    'registry verify --key') takes='/file' ;;
    'policy check --format') takes='=sarif' ;;
    'policy sign --key') takes='/file' ;;
    'policy sign --id') takes='' ;;
    'policy sign --expires') takes='' ;;
    *' -C'|*' --cwd') takes='/folder' ;;
    *' --config') takes='/file' ;;
    *' --wait') takes='' ;;
    *) return 1 ;;
  esac
}

# Sets second to the words that may follow a first one; fails where none may.
__haal_group() {
  case "$1" in
    'cache') second='info clean prune' ;;
    'policy') second='show check sign' ;;
    'registry') second='list add remove ping sign verify keygen' ;;
    'target') second='list add remove' ;;
    *) return 1 ;;
  esac
}

# Adds a candidate that fits. What bash has split off at : = or @ is not repeated.
__haal_add() {
  case $1 in "$cur"*) COMPREPLY[${#COMPREPLY[@]}]=$glue${1#"$cut"} ;; esac
}

# A name from a file: plain characters only. An artifact is found by its name and by kind/name.
__haal_offer() {
  case $2 in '' | *[!A-Za-z0-9@._/+-]*) return ;; esac
  case $1,$2 in
    installed,*/* | available,*/*)
      case $cur in */*) ;; *) __haal_add "${2#*/}" ;; esac
      [[ -z $cur ]] || __haal_add "$2" ;;
    *) __haal_add "$2" ;;
  esac
}

# Names of a type, from the file that haal keeps at the project's root; without one haal is asked.
__haal_names() {
  local type name
  while [[ ! -e $at/haal.json && ! -e $at/haal.lock && ! -d $at/.haal ]]; do
    [[ $at == /*/* || $at == /?* ]] || return 0
    at=${at%/*}
  done
  if [[ -f $at/.haal/.state/names ]]; then
    while IFS=$'\t' read -r type name; do
      [[ $type != "$1" ]] || __haal_offer "$1" "$name"
    done < "$at/.haal/.state/names"
  else
    while IFS= read -r name; do
      __haal_offer "$1" "$name"
    done <<< "$(command haal __complete "$1" --cwd "$at/" 2> /dev/null)"
  fi
}

# Where --cwd leads. No process: the subshell is bash itself.
__haal_go() {
  at=$(CDPATH='' builtin cd -- "${1/#\~/$HOME}" 2> /dev/null && pwd)
}

__haal_paths() {
  local name
  compopt -o filenames 2> /dev/null
  while IFS= read -r name; do
    [[ -z $name ]] || COMPREPLY[${#COMPREPLY[@]}]=${name#"$cut"}
  done <<< "$(compgen "$1" -- "$cur")"
}

__haal_take() {
  local each
  case $1 in
    =*) for each in ${1#=}; do __haal_add "$each"; done ;;
    +*) __haal_paths -d; for each in ${1#+}; do __haal_add "$each"; done ;;
    :*) __haal_names "${1#:}" ;;
    /folder) __haal_paths -d ;;
    /file) __haal_paths -f ;;
  esac
}

_haal() {
  local line=${COMP_LINE:0:COMP_POINT} cur='' cut='' at=$PWD before='' command='' own='' takes='' first='' second='' later='' given='' only='' glue='' each i
  local -a said
  COMPREPLY=()
  IFS=$' \t\n' read -r -a said <<< "$line"
  case $line in *[[:space:]]) ;; *) i=$((${#said[@]} - 1)); cur=${said[i]}; unset "said[i]" ;; esac

  for each in "${said[@]:1}"; do
    if [[ -n $before ]]; then
      case $before in -C | --cwd) __haal_go "$each" ;; esac
      before=''
      continue
    fi
    case $each in
      --) only=1 ;;
      --cwd=*) __haal_go "${each#*=}" ;;
      --global | -g) at=$HOME ;;
      -*=*) ;;
      -*) __haal_value "$each" && before=$each; takes='' ;;
      *)
        if [[ -z $first ]]; then
          first=$each
          __haal_command "$first" || __haal_group "$first"
        elif [[ -n $second ]]; then
          __haal_command "$first $each" && second=''
        else
          given=1
          __haal_command "$first $each"
        fi ;;
    esac
  done
  __haal_command "$command"
  [[ -z $given || -z $later ]] || takes=$later

  case $cur in
    -*=*) [[ -n $only ]] || {
      before=${cur%%=*} cur=${cur#*=}
      [[ $COMP_WORDBREAKS == *=* ]] || glue="$before="
    } ;;
  esac
  if [[ -n $before ]]; then
    __haal_value "$before" || return 0
    second=''
  elif [[ $cur == -* && -z $only ]]; then
    takes="=$own --json -n --dry-run -y --yes -q --quiet --verbose --offline --refresh -g --global -C --cwd --config --wait -h --help" second=''
  elif [[ -z $first ]]; then
    takes='=agentos cache completion copy diff doctor help history info init install list outdated pin policy registry rollback search target trust uninstall unpin update verify why'
  elif [[ -n $second ]]; then
    takes="=$second"
  fi
  for each in : = @; do
    case $COMP_WORDBREAKS in *$each*) case ${cur#"$cut"} in *$each*) cut=${cur%$each*}$each ;; esac ;; esac
  done
  __haal_take "$takes"
}

complete -F _haal haal
