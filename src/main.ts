import { run } from './cli/run.js'

/** One run of haal: bin/haal.js calls it. `works` is called before work that takes longer than starting does. */
export async function main(works: () => void): Promise<void> {
  process.exitCode = await run(process.argv.slice(2), works)
}
