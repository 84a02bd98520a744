// A public GitHub repository is the registry. Without `branch`, its own default branch counts.
import { createHaal } from 'haal'

const haal = await createHaal({
  registryConfig: {
    registries: {
      custom: {
        type: 'github',
        location: 'your-org/extensions-repo',
        branch: 'main',
      },
    },
  },
})

const { changes } = await haal.install('com.yourorg.your-tool')
for (const { artifact, to, registry } of changes) console.log(artifact, to.version, registry)
