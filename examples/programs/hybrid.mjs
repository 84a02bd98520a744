// The official extensions, and your own tools in place of theirs.
import { createHaal } from 'haal'

const haal = await createHaal({
  registryConfig: {
    registries: {
      official: {
        type: 'npm',
        location: '@framers/agentos-extensions',
      },
      custom: {
        type: 'github',
        location: 'your-org/custom-extensions',
      },
    },
    // Use custom for tools, official for everything else.
    resolver: (kind) => (kind === 'tool' ? 'custom' : 'official'),
  },
})

const { changes } = await haal.install(['tool/search', 'guardrail/topicality', 'persona/researcher'])
for (const { artifact, to, registry } of changes) console.log(artifact, to.version, registry)
