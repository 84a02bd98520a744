import { gitCases } from './git-cases.mjs'
import { installCases } from './install-cases.mjs'
import { startCases } from './start-cases.mjs'

/** Every comparison, in the order of the table. `quick` cases run with --quick, too. */
export const cases = [...startCases, ...installCases, ...gitCases]
