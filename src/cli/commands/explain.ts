import { Command } from 'commander';
import { userFailures } from '../../app/known-failures.ts';
import { bytesOfFile, textWithin } from '../../bounded-read.ts';
import { defined } from '../../defined/defined.ts';
import { InputError, messageOf } from '../../errors.ts';
import {
  type Explanation,
  explainLog,
  type FailureClass,
  failsEverywhere,
  failureTable,
} from '../../failures/index.ts';
import { jsonOption } from '../options.ts';

/** Longer than any log that a sweep stores. */
const longestLog = 128 * 2 ** 20;
/** As much of the end as a sweep reads. */
const readLength = 256 * 1024;

/** `inferencemax explain`: looks up a log in the table of known failures. */
export function command(): Command {
  return new Command('explain')
    .description('Reads an engine's log, and explains why it exited, how to fix it, and what a sweep would do.')
    .argument('<log>', 'engine log, such as sessions/<session>/engine.log of a run; - reads standard input')
    .option('--hung', 'the engine is still running but does not become ready or does not answer')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Example:
  inferencemax explain .inferencemax/runs/run-20260114-101500-3f9a/sessions/a-session/engine.log

To add failures of your site, add rows to runners/known-failures.yaml (docs/failures.md).
Exit codes: 0 explained, 1 no known failure in the log, 2 the log cannot be read.`,
    )
    .action(async (file: string, options: { readonly hung?: true; readonly json?: true }) => {
      const log = await textOf(file);
      const start = Math.max(0, log.lastIndexOf('\n', Math.max(0, log.length - readLength)) + 1);
      const rows = await userFailures();
      const told = explainLog(log.slice(start), { hung: options.hung }, rows);
      const linesBefore = start === 0 ? 0 : log.slice(0, start).split('\n').length - 1;
      const found =
        told?.lineNumber === undefined ? told : { ...told, lineNumber: told.lineNumber + linesBefore };
      process.stdout.write(options.json ? `${JSON.stringify(asJson(found))}\n` : inWords(file, found));
      if (found?.meaning === undefined) process.exitCode = 1;
    });
}

async function textOf(file: string): Promise<string> {
  try {
    if (file === '-') return await textWithin(process.stdin, longestLog);
    return (await bytesOfFile(file, longestLog)).toString('utf8');
  } catch (error) {
    throw new InputError([
      {
        file,
        message: `cannot be read: ${messageOf(error)}`,
        hint: 'name the log of an engine, or - for standard input',
      },
    ]);
  }
}

function asJson(found: Explanation | undefined) {
  if (found === undefined) return { explained: false };
  const { failureClass } = found;
  const next = failureClass === undefined ? undefined : nextOf(failureClass);
  return { explained: found.meaning !== undefined, ...found, ...defined({ next }) };
}

function inWords(file: string, found: Explanation | undefined): string {
  if (found === undefined) return `nothing in ${file} explains why the engine exited\n`;
  const { meaning, todo, failureClass, line, lineNumber } = found;
  const where = lineNumber === undefined ? '' : `  ${file}:${lineNumber}: ${line}\n`;
  if (meaning === undefined)
    return `no known failure; last error in the log:\n${where}To have it explained, add a row to known-failures.yaml.\n`;
  return [
    `${meaning}\n${where}`,
    ...(todo === undefined ? [] : [`to do:   ${todo}\n`]),
    ...(failureClass === undefined
      ? []
      : [
          `class:   ${failureClass}: ${failureTable[failureClass].means}\n`,
          `a sweep: ${nextOf(failureClass)}\n`,
        ]),
  ].join('');
}

/** What a sweep does after a failure of this class. */
function nextOf(failureClass: FailureClass): string {
  const { restarts, otherNodes, backoffS, node } = failureTable[failureClass];
  const wait = backoffS === 0 ? '' : `, after ${backoffS} s at first`;
  const tries = [
    ...(restarts === 0 ? [] : [`restarts it on the same node up to ${restarts} times${wait}`]),
    ...(otherNodes === 0 ? [] : [`tries up to ${otherNodes} other ${otherNodes === 1 ? 'node' : 'nodes'}`]),
  ];
  const then = failsEverywhere(failureClass) || tries.length === 0 ? 'does not retry' : tries.join(', then ');
  return `${then}; ${verdicts[node]}`;
}

const verdicts = {
  innocent: 'the node is not blamed',
  compared: 'the node is blamed if another node succeeds',
  suspect: 'the node is blamed if it fails two sessions in a row, or if another node succeeds',
  guilty: 'the node is quarantined until `doctor` finds it healthy',
} as const;
