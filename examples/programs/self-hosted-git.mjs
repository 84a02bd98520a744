// Any git server over https, at a branch of its repository.
import { createHaal } from 'haal'

const haal = await createHaal({
  registryConfig: {
    registries: {
      custom: {
        type: 'git',
        location: 'https://git.yourcompany.com/extensions.git',
        branch: 'production',
      },
    },
  },
})

const { changes } = await haal.install('tool/your-tool')
for (const { artifact, to, registry } of changes) console.log(artifact, to.version, registry)
