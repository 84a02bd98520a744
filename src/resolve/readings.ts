/** What artifacts say of themselves: layouts know how to read it, whoever has the files asks here. */
export { readArtifact, readLabel } from '../layout/reading.js'
