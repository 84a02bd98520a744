// How long an answer of a registry holds, and where the cache is.
import { createHaal } from 'haal'

const haal = await createHaal({
  registryConfig: {
    registries: {
      custom: {
        type: 'github',
        location: 'your-org/extensions',
        cacheDuration: 3600000, // 1 hour in ms
      },
    },
    cacheSettings: {
      enabled: true,
      directory: process.env.CACHE ?? '/var/cache/agentos',
      maxAge: 86400000, // 24 hours
    },
  },
})

await haal.install('tool/your-tool')
await haal.list({ available: true }) // within the hour: no request
const { cache } = await haal.cache.info()
console.log(cache.path, cache.entries > 0 ? 'in use' : 'empty')
