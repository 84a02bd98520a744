/** The origin that a person means by `https://git.corp.com`, as WHATWG writes it (`https://GIT.corp.com:443/` is the same one), or by `file://corp`,
    a machine whose shares Windows reads as `\\corp\share`; undefined where the text is none, or more than one. */
export function readOrigin(text: string): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:'
  const more =
    url === undefined || url.username !== '' || url.password !== '' || `${url.pathname}${url.search}${url.hash}` !== '/'
  if (more || text.includes('\\')) return undefined
  if (url.protocol === 'file:' && url.host !== '') return `file://${url.host}`
  return isWeb ? url.origin : undefined
}
