/* `${CLAUDE_PLUGIN_ROOT}`, with which an artifact names its own folder. Only Claude Code knows it, and only of a plugin that it loads whole. */

const variable = /\$\{CLAUDE_PLUGIN_ROOT\}|\$CLAUDE_PLUGIN_ROOT\b|%CLAUDE_PLUGIN_ROOT%/g

export function namesRoot(text: string): boolean {
  return text.search(variable) >= 0
}

export function withFolder(text: string, folder: string): string {
  return text.replace(variable, () => folder)
}

/** In a command line for a shell, where a path may turn out to have spaces: then what stands without quotes gets them. */
export function withFolderQuoted(text: string, folder: string): string {
  if (/^[\w./-]*$/.test(folder)) return withFolder(text, folder)
  let open = ''
  return text.replace(part, (found: string, named: string | undefined, rest = '') => {
    if (named === undefined) {
      open = quoteAfter(open, found)
      return found
    }
    if (open === '') return `"${folder}${rest}"`
    return open === "'" ? `'"${folder}"'${rest}` : folder + rest
  })
}

/** An escaped character, a quote, or the variable with what follows as it is, up to what a shell expands. */
const part = new RegExp(`\\\\[\\s\\S]|["']|(${variable.source})([\\w./:@%+,=-]*)`, 'g')

/** Within single quotes a backslash is none. */
function quoteAfter(open: string, found: string): string {
  const quote = found.length === 1 ? found : open === "'" ? found.slice(1) : ''
  if (quote !== '"' && quote !== "'") return open
  return open === '' ? quote : open === quote ? '' : open
}
