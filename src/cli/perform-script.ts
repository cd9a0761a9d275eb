import type { Entries } from '../app/planning.ts';
import { performScript, type ScriptRunOptions } from '../app/run-script.ts';
import { printableLines } from '../printable.ts';
import { SweepDirectory } from '../sweep/index.ts';
import { interruptedExitCode, withInterrupt } from './interrupt.ts';
import { printResults } from './print-results.ts';
import { keptTraces, tracesInWords } from './traces.ts';

/**
 * Measures entries with a benchmark script and prints the results. Returns the exit code: 0 if every point was
 * measured, 1 if some failed, 130 if interrupted.
 */
export async function scriptAndPrint(
  entries: Entries,
  { json, ...options }: ScriptRunOptions & { readonly json: boolean },
): Promise<number> {
  const { directory, points, outcomes, results, interrupted } = await performScript(entries, options, {
    note,
    interruptible: async (work) =>
      await withInterrupt(work, () =>
        note('interrupted: stopping what the script started; press Ctrl-C again to exit now'),
      ),
  });
  if (json) process.stdout.write(`${JSON.stringify({ directory, outcomes })}\n`);
  else if (results.length > 0) printResults(results);
  const howToOpen = tracesInWords(await keptTraces(new SweepDirectory(directory)));
  if (howToOpen !== undefined) note(howToOpen);
  if (interrupted) return interruptedExitCode;
  return results.length === points ? 0 : 1;
}

function note(text: string): void {
  process.stderr.write(`${printableLines(text)}\n`);
}
