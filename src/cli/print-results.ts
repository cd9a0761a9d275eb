import type { FinishedResult } from '../app/finished-results.ts';
import { summaryMarkdown } from '../results/index.ts';
import { invocation } from './invocation.ts';
import { nextCommands } from './next-commands.ts';
import { resultsInWords } from './result-table.ts';
import { widthOf } from './terminal/fit.ts';
import { styleOf } from './terminal/style.ts';

/**
 * Prints results: on a terminal as tables that fit, a summary and next commands; in a pipe as the Markdown of
 * `summary.md`.
 */
export function printResults(results: readonly FinishedResult[], resume?: string): void {
  const { stdout } = process;
  if (!stdout.isTTY) {
    stdout.write(`\n${summaryMarkdown(results.map(({ row }) => row))}\n`);
    return;
  }
  const words = resultsInWords(results, widthOf(stdout), styleOf(stdout, process.env));
  stdout.write(`\n${words}\n\n${nextCommands(invocation(process.env), resume)}\n`);
}
