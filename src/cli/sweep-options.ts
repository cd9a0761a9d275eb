import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { StateFolder } from '../app/state-folder.ts';
import { closest } from '../config/index.ts';
import { defined } from '../defined/defined.ts';
import { parseGsm8k } from '../evals/index.ts';
import {
  type FailureClass,
  type FailureRule,
  type FailureRules,
  failureClasses,
  failureTable,
  isFailureClass,
} from '../failures/index.ts';
import { textOfNamed } from '../named-file.ts';
import { defaultCacheDir } from '../provision/index.ts';
import type { AccuracyCheckOptions } from '../sweep/index.ts';
import { durationS } from './duration.ts';
import {
  jsonOption,
  nonNegative,
  portNumber,
  positiveInteger,
  positiveNumber,
  wholeNumber,
} from './options.ts';
import { storeLocation } from './store-location.ts';
import { type StoreOptionValues, storeOptions } from './store-options.ts';

/** The options that control how a sweep runs. */
export const sweepOptions = () => [
  ...storeOptions(),
  new Option('--cache-dir <folder>', 'cache directory for engines and weights').default(defaultCacheDir()),
  new Option(
    '--hash-weights',
    'record a SHA-256 over every byte of a local folder of weights (reads all of it; default: names, sizes and small files)',
  ),
  new Option('--port <port>', "engine port (default: the pool's)").argParser(portNumber),
  new Option(
    '--ready-timeout <seconds>',
    "how long to wait for the engine to become ready, in seconds (default: the engine's); same as --deadline never-ready=…",
  ).argParser(positiveNumber),
  new Option(
    '--point-timeout <seconds>',
    'timeout per point, in seconds (default: 3600); same as --deadline load-test=…',
  ).argParser(positiveNumber),
  new Option(
    '--time-budget <duration>',
    'do not start work that would not finish within this time, such as 2h',
  ).argParser(durationS),
  new Option(
    '--retries <class=count...>',
    `retries per failure class on the same node: ${failureClasses.join(', ')}`,
  ).argParser(perClass(wholeNumber)),
  new Option('--deadline <class=seconds...>', 'timeout per failure class, in seconds').argParser(
    perClass(nonNegative),
  ),
  new Option('--no-evals', 'skip the accuracy checks'),
  new Option('--eval-limit <n>', 'maximum questions per task (default: 200, or 8 on a CPU)').argParser(
    positiveInteger,
  ),
  new Option('--gsm8k <file>', 'also ask these questions: JSON lines in GSM8K format'),
  new Option('--no-telemetry', 'do not sample power and engine metrics'),
  jsonOption(),
];

export interface SweepOptionValues extends StoreOptionValues {
  readonly cacheDir: string;
  readonly hashWeights?: true;
  readonly port?: number;
  readonly readyTimeout?: number;
  readonly pointTimeout?: number;
  readonly timeBudget?: number;
  readonly retries?: PerClass;
  readonly deadline?: PerClass;
  readonly evals: boolean;
  readonly evalLimit?: number;
  readonly gsm8k?: string;
  readonly telemetry: boolean;
  readonly json?: boolean;
}

type PerClass = Readonly<Partial<Record<FailureClass, number>>>;

/** Creates a parser for options that take several `class=number` values. */
function perClass(parse: (text: string) => number): (text: string, before?: PerClass) => PerClass {
  return (text, before = {}) => {
    const [name = '', ...value] = text.split('=');
    const known = classNamed(name);
    if (before[known] !== undefined) throw new InvalidArgumentError(`${known} is given twice`);
    return { ...before, [known]: parse(value.join('=')) };
  };
}

function classNamed(name: string): FailureClass {
  if (!isFailureClass(name)) {
    const near = closest(name, failureClasses);
    throw new InvalidArgumentError(
      `'${name}' is not a failure class (${near === undefined ? `expected one of ${failureClasses.join(', ')}` : `did you mean '${near}'?`})`,
    );
  }
  return name;
}

/** Converts the command line's options to those of `performSweep`. */
export async function performOptions(state: StateFolder, options: SweepOptionValues) {
  const evals = await accuracyCheckOf(options);
  return {
    state,
    store: storeLocation(options),
    cacheDir: resolve(options.cacheDir),
    ...defined({ hashWeights: options.hashWeights }),
    rules: rulesOf(options),
    json: options.json ?? false,
    ...defined({ port: options.port, timeBudgetS: options.timeBudget }),
    telemetry: options.telemetry,
    ...defined({ evals }),
  };
}

/** The retry and deadline rules, with the command line's changes. */
export function rulesOf(options: SweepOptionValues): FailureRules {
  const deadlines: PerClass = {
    ...defined({ 'never-ready': options.readyTimeout, 'load-test': options.pointTimeout }),
    ...options.deadline,
  };
  const rules: Record<FailureClass, FailureRule> = { ...failureTable };
  for (const failureClass of failureClasses) {
    const [count, deadlineS] = [options.retries?.[failureClass], deadlines[failureClass]];
    rules[failureClass] = {
      ...rules[failureClass],
      ...defined({ restarts: count, remeasurements: count, deadlineS }),
    };
  }
  return rules;
}

/** The accuracy check for engines; undefined if it is disabled. */
export async function accuracyCheckOf({
  evals,
  evalLimit,
  gsm8k,
}: SweepOptionValues): Promise<AccuracyCheckOptions | undefined> {
  if (!evals) return undefined;
  return {
    ...defined({ limit: evalLimit, questions: gsm8k === undefined ? undefined : await readGsm8k(gsm8k) }),
  };
}

/** The whole of GSM8K is 5 MB. */
const longestQuestions = 16 * 1024 * 1024;

/** Reads questions from a file; throws InputError if it is not in GSM8K format. */
export async function readGsm8k(file: string): Promise<ReturnType<typeof parseGsm8k>> {
  return parseGsm8k(await textOfNamed(file, longestQuestions), file);
}
