// A site without a network: everything comes from a folder, and going back needs nothing but this machine.
import { createHaal } from 'haal'

const haal = await createHaal({
  registryConfig: {
    registries: {
      internal: {
        type: 'file',
        location: process.env.REGISTRY ?? '/opt/agentos/extensions',
      },
    },
    defaultRegistries: {
      tool: 'internal',
      persona: 'internal',
    },
  },
  offline: true,
})

await haal.install('tool/*')
await haal.install('persona/*')
const { artifacts } = await haal.list()
for (const { artifact, version } of artifacts) console.log('installed', artifact, version)

const { ok, checked } = await haal.verify()
console.log(ok ? 'verified' : 'differs', checked)

const { changes } = await haal.rollback()
for (const { action, artifact } of changes) console.log('rollback', action, artifact)
