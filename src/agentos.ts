export type { AgentosOptions, PackOptions } from './library/agentos.js'
export { extensionManifest, personaSource, skillsDir } from './library/agentos.js'
export type { AgentosPack } from './model/agentos.js'
