import { setFlagsFromString } from 'node:v8';

/** How often V8 calls a function before its last and slowest compiler optimizes it. */
const calls = { usually: 3_000, duringTest: 20_000 };

/**
 * Makes V8 optimize later until the returned function is called. A function that runs once per reply is good enough
 * after the first optimization. The last one takes 1 to 2 ms of CPU time for each of 150 such functions, which pays off
 * only in tests with tens of thousands of replies. Functions that run for each event still get there in a second.
 *
 * Modules must be loaded before, and the flag must be back when the process ends: compiled code is cached under the
 * flags at that time.
 */
export function optimizeLater(): () => void {
  setCalls(calls.duringTest);
  return () => setCalls(calls.usually);
}

function setCalls(count: number): void {
  setFlagsFromString(`--invocation-count-for-turbofan=${count}`);
}
