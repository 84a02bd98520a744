/** What SARIF 2.1.0 says of the objects that haal writes: their required and their only properties, and the types of both.
    Source: sarif-schema-2.1.0.json of OASIS. */
const text = { type: 'string' }
const message = only({ text, markdown: text, id: text, arguments: list(text) }, [])
const said = { allOf: [message, { anyOf: [{ required: ['text'] }, { required: ['id'] }] }] }
const multiformat = only({ text, markdown: text, properties: {} }, ['text'])

const rule = only(
  {
    ...{ id: text, guid: text, name: text, deprecatedIds: list(text) },
    ...{ shortDescription: multiformat, fullDescription: multiformat, help: multiformat },
    ...{ messageStrings: {}, helpUri: { type: 'string', format: 'uri' }, defaultConfiguration: {}, properties: {} },
  },
  ['id'],
)

const driver = only(
  {
    ...{ name: text, organization: text, fullName: text, version: text, semanticVersion: text },
    ...{ informationUri: { type: 'string', format: 'uri' }, rules: { ...list(rule), uniqueItems: true } },
    ...{ shortDescription: multiformat, fullDescription: multiformat, properties: {} },
  },
  ['name'],
)

const artifactLocation = only({ uri: { type: 'string', pattern: '^[^\\s\\\\]+$' }, uriBaseId: text, index: {} }, [])
const region = only({ startLine: { type: 'integer', minimum: 1 }, startColumn: { type: 'integer', minimum: 1 } }, [])
const physicalLocation = only({ artifactLocation, region, contextRegion: region }, [])
const location = only({ id: {}, physicalLocation, logicalLocations: {}, message }, [])

const result = only(
  {
    ...{ ruleId: text, ruleIndex: { type: 'integer', minimum: -1 }, kind: {}, guid: text },
    ...{ level: { enum: ['none', 'note', 'warning', 'error'] }, message: said },
    ...{ locations: list(location), partialFingerprints: strings(), fingerprints: strings(), properties: {} },
  },
  ['message'],
)

const notification = only(
  {
    ...{ message: said, level: { enum: ['none', 'note', 'warning', 'error'] }, locations: list(location) },
    ...{ descriptor: only({ id: text, index: {}, guid: text, toolComponent: {}, properties: {} }, ['id']) },
    ...{ threadId: {}, timeUtc: text, exception: {}, associatedRule: {}, properties: {} },
  },
  ['message'],
)

const invocation = only(
  {
    ...{ executionSuccessful: { type: 'boolean' }, exitCode: { type: 'integer' }, exitCodeDescription: text },
    ...{ toolExecutionNotifications: list(notification), toolConfigurationNotifications: list(notification) },
    ...{ commandLine: text, arguments: list(text), startTimeUtc: text, endTimeUtc: text, properties: {} },
  },
  ['executionSuccessful'],
)

const run = only(
  {
    tool: only({ driver, extensions: {} }, ['driver']),
    columnKind: { enum: ['utf16CodeUnits', 'unicodeCodePoints'] },
    ...{
      invocations: list(invocation),
      originalUriBaseIds: {},
      automationDetails: {},
      properties: {},
      results: list(result),
    },
  },
  ['tool'],
)

export const sarifSchema = only(
  { $schema: { type: 'string', format: 'uri' }, version: { enum: ['2.1.0'] }, runs: list(run), properties: {} },
  ['version', 'runs'],
)

function only(properties: Record<string, object>, required: readonly string[]): object {
  return { type: 'object', properties, required, additionalProperties: false }
}

function list(items: object): object {
  return { type: 'array', items }
}

function strings(): object {
  return { type: 'object', additionalProperties: text }
}
