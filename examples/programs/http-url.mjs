// A web server with a registry.json and the archives beside it.
import { createHaal } from 'haal'

const haal = await createHaal({
  registryConfig: {
    registries: {
      hosted: {
        type: 'url',
        location: 'https://registry.yourcompany.com',
      },
    },
  },
})

const found = await haal.search('your tool')
for (const { artifact, version, author } of found.artifacts) console.log('found', artifact, version, author)

const { changes } = await haal.install('tool/your-tool')
for (const { artifact, to, registry } of changes) console.log(artifact, to.version, registry)
