// Two private repositories on one git server, in one step.
import { createHaal } from 'haal'

const haal = await createHaal({
  registryConfig: {
    registries: {
      'enterprise-extensions': {
        type: 'git',
        location: 'https://git.corp.com/agentos-extensions.git',
        branch: 'stable',
        token: process.env.CORP_GIT_TOKEN,
      },
      'enterprise-personas': {
        type: 'git',
        location: 'https://git.corp.com/agentos-personas.git',
        branch: 'stable',
        token: process.env.CORP_GIT_TOKEN,
      },
    },
    defaultRegistries: {
      tool: 'enterprise-extensions',
      persona: 'enterprise-personas',
    },
  },
})

const { changes } = await haal.install(['tool/*', 'persona/*'])
for (const { artifact, to, registry } of changes) console.log(artifact, to.version, registry)
