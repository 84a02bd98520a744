/** Time as the network code sees it, so that tests need not wait. Milliseconds. */
export interface Clock {
  now(): number
  /** Calls once after so long; what it answers takes the call back. */
  after(ms: number, call: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms)
    return () => clearTimeout(timer)
  },
}
