// What haal installed, in the real AgentOS, which prints what it likes: `node load.mjs <in> <out> [runtime]`. `in` is the result of
// `haal agentos --json`.
import fs from 'node:fs'

const [, , input, output, mode] = process.argv
const { extensionManifest, personaSource, skillsDir } = JSON.parse(fs.readFileSync(input, 'utf8'))
const text = 'my SSN is 123-45-6789'
const call = { gmiId: 'g', personaId: 'p', userContext: { userId: 'u' } }

const found =
  mode === 'runtime' ? await runtime() : { ...(await extensions()), ...(await personas()), ...(await skills()) }
fs.writeFileSync(output, JSON.stringify(found))
process.exit(0)

/** The manager alone, as a program that embeds it has it. */
async function extensions() {
  const { ExtensionManager } = await import('@framers/agentos/extensions')
  const manager = new ExtensionManager({ manifest: extensionManifest })
  const failed = []
  manager.on(({ type, source, error }) => type === 'pack:failed' && failed.push([source.identifier, error.message]))
  await manager.loadManifest()
  const active = (kind) => manager.getRegistry(kind).listActive()
  const tools = active('tool').map(async ({ id, payload }) => [
    id,
    (await payload.execute({ text }, call)).output ?? null,
  ])
  const guards = active('guardrail').map(async ({ id, payload }) => {
    const said = await payload.evaluateInput?.({ context: { userId: 'u', sessionId: 's' }, input: { textInput: text } })
    return [id, said?.modifiedText ?? said?.action ?? null]
  })
  return {
    packs: manager.listLoadedPacks().map(({ identifier }) => identifier),
    failed,
    tools: Object.fromEntries(await Promise.all(tools)),
    guardrails: Object.fromEntries(await Promise.all(guards)),
    workflows: active('workflow').map(({ payload }) => payload.definition.id),
  }
}

async function personas() {
  const { PersonaLoader } = await import('@framers/agentos/cognition/substrate/personas/PersonaLoader')
  const loader = new PersonaLoader()
  await loader.initialize({ personaSource, recursiveSearch: true })
  return { personas: (await loader.loadAllPersonaDefinitions()).map(({ id, name }) => [id, name]).sort() }
}

async function skills() {
  const { SkillRegistry } = await import('@framers/agentos/cognition/skills')
  const registry = new SkillRegistry()
  await registry.loadFromDir(skillsDir)
  return {
    skills: registry
      .listAll()
      .map(({ skill }) => [skill.name, skill.content])
      .sort(),
  }
}

/** The whole runtime, as `AgentOS.create` sets it up from its defaults. */
async function runtime() {
  const { AgentOS } = await import('@framers/agentos')
  const { createAgentOSConfig } = await import('@framers/agentos/core/config/AgentOSConfig')
  const { gmiManagerConfig } = await createAgentOSConfig({})
  const personaLoaderConfig = { ...gmiManagerConfig.personaLoaderConfig, personaSource, recursiveSearch: true }
  const agentos = await AgentOS.create({
    extensionManifest,
    gmiManagerConfig: { ...gmiManagerConfig, personaLoaderConfig },
  })
  const toolCallRequest = { id: '1', name: 'greet', arguments: { text } }
  const { output } = await agentos
    .getToolOrchestrator()
    .processToolCall({ ...call, personaCapabilities: [], toolCallRequest })
  return {
    output,
    workflows: agentos.listWorkflowDefinitions().map(({ id }) => id),
    personas: (await agentos.listAvailablePersonas()).map(({ id }) => id).sort(),
  }
}
