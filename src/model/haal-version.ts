declare const HAAL_VERSION: string | undefined

/** This haal's version, put in by the bundler; a tree that runs unbundled (in tests) has none. */
export const version: string = typeof HAAL_VERSION === 'string' ? HAAL_VERSION : '0.0.0'
