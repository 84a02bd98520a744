import type { Tree } from '../../model/tree.js'

/** Attributes by which git writes other bytes into an archive than the repository holds, or leaves files out. Source: gitattributes(5). */
const rewriting = /^(?![ \t]*#).*[ \t](export-(subst|ignore)|ident|eol=crlf|(filter|working-tree-encoding)=\S+)(\s|$)/m

/** The first `.gitattributes` by which an archive differs from the commit it was made of; undefined where none does. One that leaves itself out is
    not seen. */
export async function rewritingIn(tree: Tree): Promise<string | undefined> {
  const all = await tree.list('')
  for (const { path } of all.filter(({ path, type }) => type === 'file' && /(^|\/)\.gitattributes$/.test(path)))
    if (rewriting.test(Buffer.from(await tree.read(path)).toString('latin1'))) return path
  return undefined
}
