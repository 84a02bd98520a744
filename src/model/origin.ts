/** The origin that a person means by `https://git.corp.com`, as WHATWG writes it (`https://GIT.corp.com:443/` is the same one);
    undefined where the text is no web origin, or more than one. */
export function readOrigin(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  const more =
    url === undefined || url.username !== '' || url.password !== '' || `${url.pathname}${url.search}${url.hash}` !== '/'
  return isWeb && !more && !text.includes('\\') ? url.origin : undefined
}
