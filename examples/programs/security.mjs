// A registry that was vetted. `verified` is shown and recorded, and a policy can require it.
import { createHaal } from 'haal'

const haal = await createHaal({
  registryConfig: {
    registries: {
      vetted: {
        type: 'github',
        location: 'your-org/vetted-extensions',
        token: process.env.GITHUB_PAT,
        verified: true,
      },
    },
  },
  policy: process.env.POLICY, // '{ "policyVersion": 1, "registries": { "require": { "verified": true } } }'
})

await haal.install('tool/your-tool')
const { artifacts } = await haal.list()
for (const { artifact, registry, verified } of artifacts)
  console.log(artifact, registry, verified ? 'verified' : 'unverified')
