/** One value in a configuration file: where, and what shall stand there; undefined takes it out. */
export interface Edit {
  path: readonly (string | number)[]
  value: unknown
  /** Only where nothing is left in it, comments included. */
  ifEmpty?: boolean
}
