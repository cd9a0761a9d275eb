import { setFlagsFromString } from 'node:v8';

/** How often V8 calls a function before one of its two slower compilers optimizes it: by default, and during a test. */
const calls: readonly { readonly flag: string; readonly usually: number; readonly duringTest: number }[] = [
  { flag: '--invocation-count-for-maglev', usually: 400, duringTest: 1000 },
  { flag: '--invocation-count-for-turbofan', usually: 3000, duringTest: 20_000 },
];

/**
 * Makes V8 optimize later until the returned function is called. Its compilers took a third of the CPU time of a test
 * with a few thousand short replies: 1 to 2 ms for each of 150 functions that run once per reply, which pays off only
 * after tens of thousands of them. Functions that run for each event still get there within a second.
 *
 * Modules must be loaded before, and the defaults must be back when the process ends, because Node caches compiled code
 * under the flags of that time.
 */
export function optimizeLater(): () => void {
  for (const { flag, duringTest } of calls) setFlagsFromString(`${flag}=${duringTest}`);
  return () => {
    for (const { flag, usually } of calls) setFlagsFromString(`${flag}=${usually}`);
  };
}
