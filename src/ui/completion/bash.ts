import { namesFile } from '../../model/completion-names.js'
import { type Dialect, tables } from './posix.js'
import { firstWords, quoted, spellings, type Words } from './words.js'

/** Works with the bash 3.2 of macOS. Nothing read from a file is ever expanded: `compgen -W` would run a name like `$(…)`. */
export function bashScript(words: Words): string {
  const title = '# Completion of haal for bash. Written by "haal completion bash".'
  return [title, '', ...tables(words, dialect), reader, completer(words)].join('\n')
}

const dialect: Dialect = {
  prefix: '__haal',
  flags: (flags) => quoted(flags.flatMap(spellings).join(' ')),
  list: (words) => quoted(words.map(({ word }) => word).join(' ')),
}

const reader = `# Adds a candidate that fits. What bash has split off at : = or @ is not repeated.
__haal_add() {
  case $1 in "$cur"*) COMPREPLY[\${#COMPREPLY[@]}]=$glue\${1#"$cut"} ;; esac
}

# A name from a file: plain characters only. An artifact is found by its name and by kind/name.
__haal_offer() {
  case $2 in '' | *[!A-Za-z0-9@._/+-]*) return ;; esac
  case $1,$2 in
    installed,*/* | available,*/*)
      case $cur in */*) ;; *) __haal_add "\${2#*/}" ;; esac
      [[ -z $cur ]] || __haal_add "$2" ;;
    *) __haal_add "$2" ;;
  esac
}

# Names of a type, from the file that haal keeps at the project's root; without one haal is asked.
__haal_names() {
  local type name
  while [[ ! -e $at/haal.json && ! -e $at/haal.lock && ! -d $at/.haal ]]; do
    [[ $at == /*/* || $at == /?* ]] || return 0
    at=\${at%/*}
  done
  if [[ -f $at/${namesFile} ]]; then
    while IFS=$'\\t' read -r type name; do
      [[ $type != "$1" ]] || __haal_offer "$1" "$name"
    done < "$at/${namesFile}"
  else
    while IFS= read -r name; do
      __haal_offer "$1" "$name"
    done <<< "$(command haal __complete "$1" --cwd "$at/" 2> /dev/null)"
  fi
}

# Where --cwd leads. No process: the subshell is bash itself.
__haal_go() {
  at=$(CDPATH='' builtin cd -- "\${1/#\\~/$HOME}" 2> /dev/null && pwd)
}

__haal_paths() {
  local name
  compopt -o filenames 2> /dev/null
  while IFS= read -r name; do
    [[ -z $name ]] || COMPREPLY[\${#COMPREPLY[@]}]=\${name#"$cut"}
  done <<< "$(compgen "$1" -- "$cur")"
}

__haal_take() {
  local each
  case $1 in
    =*) for each in \${1#=}; do __haal_add "$each"; done ;;
    +*) __haal_paths -d; for each in \${1#+}; do __haal_add "$each"; done ;;
    :*) __haal_names "\${1#:}" ;;
    /folder) __haal_paths -d ;;
    /file) __haal_paths -f ;;
  esac
}
`

function completer(words: Words): string {
  const flags = words.common.flatMap(spellings).join(' ')
  const first = firstWords(words)
    .map(({ word }) => word)
    .join(' ')
  return `_haal() {
  local line=\${COMP_LINE:0:COMP_POINT} cur='' cut='' at=$PWD before='' command='' own='' takes='' first='' second='' later='' given='' only='' glue='' each i
  local -a said
  COMPREPLY=()
  IFS=$' \\t\\n' read -r -a said <<< "$line"
  case $line in *[[:space:]]) ;; *) i=$((\${#said[@]} - 1)); cur=\${said[i]}; unset "said[i]" ;; esac

  for each in "\${said[@]:1}"; do
    if [[ -n $before ]]; then
      case $before in -C | --cwd) __haal_go "$each" ;; esac
      before=''
      continue
    fi
    case $each in
      --) only=1 ;;
      --cwd=*) __haal_go "\${each#*=}" ;;
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
      before=\${cur%%=*} cur=\${cur#*=}
      [[ $COMP_WORDBREAKS == *=* ]] || glue="$before="
    } ;;
  esac
  if [[ -n $before ]]; then
    __haal_value "$before" || return 0
    second=''
  elif [[ $cur == -* && -z $only ]]; then
    takes="=$own ${flags}" second=''
  elif [[ -z $first ]]; then
    takes=${quoted(`=${first}`)}
  elif [[ -n $second ]]; then
    takes="=$second"
  fi
  for each in : = @; do
    case $COMP_WORDBREAKS in *$each*) case \${cur#"$cut"} in *$each*) cut=\${cur%$each*}$each ;; esac ;; esac
  done
  __haal_take "$takes"
}

complete -F _haal haal
`
}
