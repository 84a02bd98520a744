import { configDefaults, defineConfig } from 'vitest/config'

/** Whole processes and real servers are slower than calls. */
const patient = { testTimeout: 60_000, hookTimeout: 60_000 }

/** What needs a Windows Node runs where scripts/windows.mjs gives it one. */
const elsewhere = process.env.HAAL_TEST_WINDOWS === '1' ? [] : ['e2e/windows/**']

export default defineConfig({
  test: {
    maxWorkers: 2,
    // In CI a test that a busy machine failed is tried once more; a wrong one stays wrong.
    retry: process.env.CI === undefined ? 0 : 1,
    expect: { requireAssertions: true },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/architecture.test.ts'],
          testTimeout: 20_000,
        },
      },
      { extends: true, test: { name: 'architecture', include: ['test/architecture.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...elsewhere],
          globalSetup: 'e2e/world/setup.mjs',
          ...patient,
        },
      },
    ],
  },
})
