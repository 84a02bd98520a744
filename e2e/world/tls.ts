import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

/** A server's key and certificate, PEM. */
export interface Identity {
  key: Buffer
  cert: Buffer
}

/** A throw-away certificate authority. haal trusts it through NODE_EXTRA_CA_CERTS. */
export interface Authority {
  file: string
  /** A certificate for loopback and for these host names. */
  issue(...hosts: string[]): Identity
}

/** Makes a certificate authority in a folder, with the system's openssl. */
export function authority(folder: string): Authority {
  fs.mkdirSync(folder, { recursive: true })
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const newKey = (file: string) => openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', file)
  newKey('ca.key')
  openssl('req', '-x509', '-new', '-key', 'ca.key', '-out', 'ca.pem', '-days', '30', '-subj', '/CN=haal tests')
  return {
    file: path.join(folder, 'ca.pem'),
    issue: (...hosts) => {
      const names = ['DNS:localhost', 'IP:127.0.0.1', ...hosts.map((host) => `DNS:${host}`)]
      fs.writeFileSync(path.join(folder, 'names'), `subjectAltName=${names.join(',')}\n`)
      newKey('server.key')
      openssl('req', '-new', '-key', 'server.key', '-out', 'server.csr', '-subj', '/CN=127.0.0.1')
      const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '30', '-extfile', 'names']
      openssl('x509', '-req', '-in', 'server.csr', '-out', 'server.pem', ...by)
      const read = (file: string) => fs.readFileSync(path.join(folder, file))
      return { key: read('server.key'), cert: read('server.pem') }
    },
  }
}
