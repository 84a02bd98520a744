/** What artifacts say of themselves: layouts know how to read it, whoever has the files asks here. */

export { installCommand } from '../layout/agentos-entry.js'
export { agentosKinds } from '../layout/facts.js'
export { readHead } from '../layout/frontmatter.js'
export { readArtifact, readLabel, readNeeds } from '../layout/reading.js'
