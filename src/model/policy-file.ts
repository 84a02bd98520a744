import semver from 'semver'
import * as v from 'valibot'
import { decode, shortText, wholeNumber } from './decode.js'
import { isDigest } from './digest.js'
import { fail } from './errors.js'
import { parseJson } from './json.js'
import { isAbsolute, type Read, readArtifactPattern, readLocation, readPlacePattern } from './policy-patterns.js'
import { keysSchema, reachable } from './public-keys-schema.js'
import { refuseStrange } from './unknown-keys.js'

const text = shortText
const flag = v.boolean()
const whole = wholeNumber(0)
const positive = wholeNumber(1)

/** Text that `read` can make something of; its reason is the message. */
function readable<T>(read: (written: string) => Read<T>) {
  return v.pipe(
    text,
    v.rawCheck(({ dataset, addIssue }) => {
      const result: Read<T> = dataset.typed ? read(dataset.value) : { wrong: 'is not text' }
      if ('wrong' in result) addIssue({ message: result.wrong })
    }),
  )
}

const artifact = readable(readArtifactPattern)
const oneArtifact = readable((written) =>
  written.includes('*') || isDigest(written)
    ? { wrong: 'names several artifacts; write kind/name' }
    : readArtifactPattern(written),
)
const artifacts = v.array(v.union([artifact, v.strictObject({ match: artifact, reason: v.optional(text) })]))

const place = v.pipe(
  v.strictObject({
    origin: v.optional(text),
    path: v.optional(text),
    file: v.optional(text),
    npm: v.optional(text),
    reason: v.optional(text),
  }),
  v.rawCheck(({ dataset, addIssue }) => {
    const result: Read<unknown> = dataset.typed ? readPlacePattern(dataset.value) : { wrong: 'is no place' }
    if ('wrong' in result) addIssue({ message: result.wrong })
  }),
)

const version = v.pipe(
  text,
  v.check(
    (written) => /^[\w.+-]+$|^\*$/.test(written) && semver.validRange(`>=${written}`) !== null,
    'is not a version',
  ),
)
const bounds = v.strictObject({ min: v.optional(version), max: v.optional(version) })
const digest = v.pipe(
  text,
  v.check((written) => isDigest(written), 'is not "sha256-" and 44 characters of base64'),
)
/** A version, a range or an integrity; one that is cut short fits nothing. */
const pin = v.pipe(
  text,
  v.check(
    (written) => !/^sha\d+-/i.test(written) || isDigest(written),
    'is no integrity: "sha256-" and 44 characters of base64',
  ),
)
const https = v.pipe(
  text,
  v.check((written) => /^https?:\/\//i.test(written) && URL.canParse(written), 'is not an https URL'),
)

/** The machine's own policy is what the others are signed for. */
const layers = v.pipe(
  v.array(v.picklist(['user', 'environment', 'project', 'registry'])),
  v.minLength(1, 'names no layer'),
)

/** A policy file, policyVersion 1 (docs/policy.md). Strict everywhere: a rule that is not understood is not obeyed. */
export const policySchema = v.strictObject({
  $schema: v.optional(text),
  policyVersion: v.literal(1),
  name: v.optional(text),
  version: v.optional(positive),
  contact: v.optional(text),
  extends: v.optional(v.array(v.strictObject({ url: https, integrity: digest }))),
  haal: v.optional(bounds),
  policies: v.optional(
    v.strictObject({
      signature: v.optional(
        v.array(v.pipe(v.strictObject({ layers: v.optional(layers), ...keysSchema }), reachable())),
      ),
    }),
  ),
  registries: v.optional(
    v.strictObject({
      allow: v.optional(v.array(place)),
      deny: v.optional(v.array(place)),
      require: v.optional(
        v.strictObject({
          verified: v.optional(flag),
          checksum: v.optional(flag),
          signature: v.optional(v.array(v.pipe(v.strictObject({ registry: text, ...keysSchema }), reachable()))),
        }),
      ),
    }),
  ),
  namespaces: v.optional(
    v.array(v.strictObject({ match: artifact, registry: readable(readLocation), reason: v.optional(text) })),
  ),
  artifacts: v.optional(
    v.strictObject({
      required: v.optional(v.record(oneArtifact, text)),
      pinned: v.optional(v.record(artifact, pin)),
      allow: v.optional(artifacts),
      deny: v.optional(artifacts),
    }),
  ),
  content: v.optional(
    v.strictObject({
      hiddenUnicode: v.optional(v.picklist(['deny', 'allow'])),
      executables: v.optional(v.picklist(['deny', 'approve', 'allow'])),
      licenses: v.optional(v.array(text)),
      minimumAgeHours: v.optional(v.pipe(v.number(), v.minValue(0, 'should be a number, 0 or more'))),
      maxFileBytes: v.optional(whole),
      maxArtifactBytes: v.optional(whole),
    }),
  ),
  targets: v.optional(v.strictObject({ allow: v.optional(v.array(text)) })),
  tools: v.optional(v.record(text, bounds)),
  audit: v.optional(v.strictObject({ file: text, required: v.optional(flag) })),
})

export type PolicyFile = v.InferOutput<typeof policySchema>

/** Makes a relative path of a policy absolute; undefined where the policy lies in no folder. */
type Anchor = (path: string) => string | undefined

/** Reads one policy. `from` names it in messages. Throws E_POLICY_LOAD where it is not JSON, E_POLICY_SCHEMA for a key that is unknown,
    used twice or of the wrong type. */
export function decodePolicy(json: string, from: string, anchor: Anchor): PolicyFile {
  if (json.trim() === '') fail('E_POLICY_LOAD', `policy ${from} is empty`)
  if (/^\s*</.test(json))
    fail('E_POLICY_LOAD', `policy ${from} is a web page`, {
      hint: 'check the address; a registry that has no policy has to answer 404 for policy.json',
    })
  const value = parseJson(json, `policy ${from}`, { syntax: 'E_POLICY_LOAD', key: 'E_POLICY_SCHEMA' })
  refuseStrange(policySchema, value, { source: `policy ${from}`, code: 'E_POLICY_SCHEMA' })
  return anchored(decode(policySchema, value, `policy ${from}`, 'E_POLICY_SCHEMA'), from, anchor)
}

/** A relative path in a policy starts at the policy's own folder. */
function anchored(file: PolicyFile, from: string, anchor: Anchor): PolicyFile {
  const absolute = (written: string): string => {
    const path = isAbsolute(written) ? written : anchor(written)
    return (
      path ??
      fail('E_POLICY_SCHEMA', `policy ${from}: "${written}" is a relative path, and this policy lies in no folder`)
    )
  }
  const places = (list: readonly v.InferOutput<typeof place>[]) =>
    list.map((each) => (each.file === undefined ? each : { ...each, file: absolute(each.file) }))
  const { registries, audit } = file
  return {
    ...file,
    ...(registries && {
      registries: {
        ...registries,
        ...(registries.allow && { allow: places(registries.allow) }),
        ...(registries.deny && { deny: places(registries.deny) }),
      },
    }),
    ...(audit && { audit: { ...audit, file: absolute(audit.file) } }),
  }
}
