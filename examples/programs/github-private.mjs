// A private GitHub repository. The token goes to GitHub and nowhere else; no file of the project ever holds it.
import { createHaal, HaalError } from 'haal'

try {
  const haal = await createHaal({
    registryConfig: {
      registries: {
        custom: {
          type: 'github',
          location: 'your-org/private-repo',
          branch: 'main',
          token: process.env.GITHUB_TOKEN,
        },
      },
    },
  })
  const { changes } = await haal.install('tool/your-tool')
  for (const { artifact, to, registry } of changes) console.log(artifact, to.version, registry)
} catch (error) {
  if (!(error instanceof HaalError)) throw error
  console.error(`${error.message}\n${error.hint}`)
  process.exitCode = error.exit
}
