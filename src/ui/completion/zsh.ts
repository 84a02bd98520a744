import type { Flag } from '../../model/command.js'
import { namesFile } from '../../model/completion-names.js'
import { type Dialect, tables } from './posix.js'
import { firstWords, quoted, spellings, type Words } from './words.js'

/** A function for `fpath`, which also works where it is sourced. */
export function zshScript(words: Words): string {
  const title = ['#compdef haal', '# Completion of haal for zsh. Written by "haal completion zsh".']
  return [...title, '', ...tables(words, dialect), reader, completer(words)].join('\n')
}

const dialect: Dialect = {
  prefix: '_haal',
  flags: (flags) => `(${flags.flatMap(described).join(' ')})`,
  list: (words) => `(${words.map(({ word, summary }) => pair(word, summary)).join(' ')})`,
}

function described(flag: Flag): string[] {
  return spellings(flag).map((each) => pair(each, flag.summary))
}

/** `_describe` splits at the first colon that is not escaped. */
function pair(word: string, summary: string): string {
  return quoted(`${word.replaceAll(':', '\\:')}:${summary}`)
}

const reader = `# Names of a type, from the file that haal keeps at the project's root; without one haal is asked.
_haal_names() {
  local -a names
  while [[ ! -e $at/haal.json && ! -e $at/haal.lock && ! -d $at/.haal ]]; do
    [[ $at == /?* ]] || return 1
    at=\${at%/*}
  done
  if [[ -f $at/${namesFile} ]]; then
    names=(\${\${(M)\${(f)"$(< $at/${namesFile})"}:#$1$'\\t'*}#*$'\\t'})
  else
    names=(\${(f)"$(command haal __complete $1 --cwd $at/ 2> /dev/null)"})
  fi
  names=(\${names:#*[^A-Za-z0-9@._/+-]*})
  if [[ $1 == (installed|available) ]]; then
    [[ $PREFIX == */* ]] || compadd -- \${names#*/}
    [[ -z $PREFIX ]] || compadd -- $names
  else
    compadd -- $names
  fi
}

_haal_take() {
  case $1 in
    ('='*) compadd -- \${=1#=} ;;
    ('+'*) compadd -- \${=1#+}; _files -/ ;;
    (':'*) _haal_names \${1#:} ;;
    (/folder) _files -/ ;;
    (/file) _files ;;
  esac
}
`

function completer(words: Words): string {
  return `_haal() {
  local at=$PWD before command takes later given first only each
  local -a own second common commands
  common=(${words.common.flatMap(described).join(' ')})
  commands=(${firstWords(words)
    .map(({ word, summary }) => pair(word, summary))
    .join(' ')})

  for each in "\${(@)words[2,CURRENT-1]}"; do
    if [[ -n $before ]]; then
      [[ $before != (-C|--cwd) ]] || at=\${\${each/#\\~/$HOME}:a}
      before=
      continue
    fi
    case $each in
      (--) only=1 ;;
      (--cwd=*) at=\${\${\${each#*=}/#\\~/$HOME}:a} ;;
      (--global|-g) at=$HOME ;;
      (-*=*) ;;
      (-*) _haal_value "$each" && before=$each; takes= ;;
      (*)
        if [[ -z $first ]]; then
          first=$each
          _haal_command "$first" || _haal_group "$first"
        elif (( $#second )); then
          _haal_command "$first $each" && second=()
        else
          given=1
          _haal_command "$first $each"
        fi ;;
    esac
  done
  _haal_command "$command"
  [[ -z $given || -z $later ]] || takes=$later

  if [[ -z $only && $PREFIX == -*=* ]]; then
    before=\${PREFIX%%=*}
    compset -P '*='
  fi
  if [[ -n $before ]]; then
    _haal_value "$before" && _haal_take "$takes"
  elif [[ $PREFIX == -* && -z $only ]]; then
    _describe -o -t flags flag own -- common
  elif [[ -z $first ]]; then
    _describe -t commands command commands
  elif (( $#second )); then
    _describe -t commands command second
  else
    _haal_take "$takes"
  fi
}

if [[ $funcstack[1] == _haal ]]; then
  _haal "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i; }
  compdef _haal haal
fi
`
}
