import { bundle } from '../../scripts/bundle.mjs'

/** The tests run what people run: bin/haal.js over a bundle of the sources as they are now. HAAL_TEST_BUILT=1 says that dist/ is
    already what is to be tested. */
export async function setup() {
  if (process.env.HAAL_TEST_BUILT !== '1') await bundle()
}
