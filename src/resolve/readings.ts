/** What operations, which may not import layout, need of it: how to read what artifacts say of themselves. */

export { installCommand } from '../layout/agentos-entry.js'
export { agentosKinds } from '../layout/facts.js'
export { readHead } from '../layout/frontmatter.js'
export { readArtifact, readLabel, readNeeds } from '../layout/reading.js'
