import { run } from './cli/run.js'

/** One run of haal: bin/haal.js calls it. */
export async function main(works: () => void): Promise<void> {
  process.exitCode = await run(process.argv.slice(2), works)
}
