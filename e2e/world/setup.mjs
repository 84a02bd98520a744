import { bundle } from '../../scripts/bundle.mjs'

/** The tests run what people run: bin/haal.js over a bundle of the sources as they are now. */
export async function setup() {
  await bundle()
}
