/** What haal's files are decoded by: the schemas in schemas/ are made from these. */
export { kindNames, kinds } from '../src/model/kinds.js'
export { prototypeKeys } from '../src/model/names.js'
export { policySchema } from '../src/model/policy-file.js'
export { entrySchema, mostRegistries, vias } from '../src/model/registries.js'
export { configSchema } from '../src/state/config/manifest.js'
export {
  artifactFields,
  registryFields,
  requiredFields,
  requiredRegistryFields,
} from '../src/state/lock-fields.js'
export { lockfileVersion } from '../src/state/lockfile.js'
export { tools } from '../src/targets/table.js'
