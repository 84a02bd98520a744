import { bytesOf, openHttp } from '../../io/http.js'
import type { Context } from '../../model/context.js'
import { fail } from '../../model/errors.js'
import { mostPolicyBytes } from './source.js'

/** Fetches a policy from its URL. `admit` judges that and every address that a redirect leads to, plain http included, and answers whether it
    may be a private one; nothing secret is sent. Throws E_POLICY_LOAD for any answer but 200, and what the connection throws. */
export async function fetchPolicy(
  { env, signal }: Pick<Context, 'env' | 'signal'>,
  url: string,
  admit: (url: string) => boolean,
): Promise<Uint8Array> {
  const http = openHttp({ env })
  try {
    const permission = (next: URL) => ({
      plain: true,
      private: admit(next.href === new URL(url).href ? url : next.href),
    })
    const ask = { who: 'policy', limit: mostPolicyBytes, signal, permission }
    return await http.send(url, ask, async (reply) => {
      if (reply.status !== 200)
        fail('E_POLICY_LOAD', `policy ${new URL(url).origin}${new URL(url).pathname} answered ${reply.status}`)
      return bytesOf(reply)
    })
  } finally {
    http.close()
  }
}
