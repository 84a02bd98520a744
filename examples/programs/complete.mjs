// Everything together: two registries of a company, a cache of its own, and what AgentOS.create takes in the end.
import { createHaal } from 'haal'
import { extensionManifest, personaSource, skillsDir } from 'haal/agentos'

const haal = await createHaal({
  // Point to your self-hosted registries
  registryConfig: {
    registries: {
      'corp-extensions': {
        type: 'git',
        location: 'https://git.corp.com/agentos-extensions.git',
        branch: 'production',
        token: process.env.GIT_TOKEN,
        verified: true,
        cacheDuration: 7200000,
      },
      'corp-personas': {
        type: 'git',
        location: 'https://git.corp.com/agentos-personas.git',
        branch: 'production',
        token: process.env.GIT_TOKEN,
        verified: true,
      },
    },
    defaultRegistries: {
      tool: 'corp-extensions',
      guardrail: 'corp-extensions',
      workflow: 'corp-extensions',
      persona: 'corp-personas',
    },
    cacheSettings: {
      enabled: true,
      directory: process.env.CACHE ?? '/var/cache/agentos',
    },
  },
  artifacts: { 'tool/*': '*', 'guardrail/*': '*', 'workflow/*': '*', 'persona/*': '*' },
})

const { changes } = await haal.install()
for (const { artifact, to, registry } of changes) console.log(artifact, to.version, registry)

const { problems } = await haal.agentos()
for (const { artifact, says, mend } of problems) console.warn(artifact, says, mend ?? '')

// An extension of your own registry, such as the one that signs people in, is a module like any other.
const { packs } = await extensionManifest()
const auth = packs.find(({ identifier }) => identifier === 'com.corp.auth')
const { createAuthExtension } = await import(auth.module)
const { authService, subscriptionService } = createAuthExtension()

// const agentos = await AgentOS.create(settings)
const settings = {
  extensionManifest: { packs },
  personaLoaderConfig: { personaSource: await personaSource(), recursiveSearch: true },
  skillsDir: await skillsDir(),
  authService,
  subscriptionService,
}
console.log(JSON.stringify(settings, null, 2))
