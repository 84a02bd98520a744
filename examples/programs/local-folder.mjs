// A folder on this machine. What is installed is a copy; the folder is never changed.
import { createHaal } from 'haal'

const haal = await createHaal({
  registryConfig: {
    registries: {
      local: {
        type: 'file',
        location: process.env.REGISTRY ?? '/path/to/local/registry',
      },
    },
  },
})

const { changes } = await haal.install('tool/your-tool')
for (const { artifact, to, registry } of changes) console.log(artifact, to.version, registry)
