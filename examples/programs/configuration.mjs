// Extensions from one repository, personas from another: each kind has its registry.
import { createHaal } from 'haal'

const haal = await createHaal({
  registryConfig: {
    registries: {
      'my-extensions': {
        type: 'github',
        location: 'your-org/your-extensions',
        branch: 'main',
        verified: true,
      },
      'my-personas': {
        type: 'github',
        location: 'your-org/your-personas',
        branch: 'main',
      },
    },
    defaultRegistries: {
      tool: 'my-extensions',
      guardrail: 'my-extensions',
      workflow: 'my-extensions',
      persona: 'my-personas',
    },
  },
})

const { changes } = await haal.install(['tool/*', 'guardrail/*', 'workflow/*', 'persona/*'])
for (const { artifact, to, registry } of changes) console.log(artifact, to.version, registry)
