import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { matchesPattern, readYamlAs } from '../config/index.ts';
import { defined } from '../defined/defined.ts';
import { InputError, messageOf } from '../errors.ts';
import {
  batchFaults,
  concurrencyOfName,
  type Floors,
  floorOf,
  floorsSchema,
  isBatch,
  type JudgedMetric,
  jobFileName,
  judgeMetrics,
  modelPrefixOf,
  readHarnessFile,
  readJson,
} from '../evals/index.ts';

export interface EvalRules {
  /** A YAML or JSON file; by default `configs/evals/thresholds.yaml`, if it exists. */
  readonly thresholds?: string;
  /** The model prefix, instead of the job's. */
  readonly model?: string;
  /** The floor of tasks that are not in the thresholds. */
  readonly minScore: number;
  readonly metricPrefix: string;
  /** A pattern for the names of result files, such as `results*.json`. */
  readonly results: string;
  /** The concurrencies that the matrix requested. */
  readonly expected?: readonly number[];
}

/** The metrics of one result file, compared with their floors. */
export interface JudgedFile {
  readonly file: string;
  /** Set if the job measured several concurrencies. */
  readonly concurrency?: number;
  readonly metrics: readonly JudgedMetric[];
}

export interface JudgedEvals {
  readonly thresholds?: string;
  /** The model prefix. */
  readonly model?: string;
  /** Whether the thresholds have floors for this model. */
  readonly hasOwnFloors: boolean;
  /** Whether the job measured several concurrencies. */
  readonly isBatch: boolean;
  readonly files: readonly JudgedFile[];
  /** Why the evaluation is incomplete, in words. */
  readonly faults: readonly string[];
  readonly warnings: readonly string[];
  readonly passes: boolean;
}

const usualThresholds = 'configs/evals/thresholds.yaml';

/**
 * Compares the results of an eval job with floors by model and task. It passes if every requested concurrency
 * has a result, at least one metric was compared, and none is below its floor.
 */
export async function validateEvals(folder: string, rules: EvalRules): Promise<JudgedEvals> {
  const warnings: string[] = [];
  const thresholds = rules.thresholds ?? (existsSync(usualThresholds) ? usualThresholds : undefined);
  const floors = thresholds === undefined ? {} : await floorsIn(thresholds, warnings);
  const names = (await readdir(folder).catch(() => failNoFolder(folder)))
    .filter((name) => matchesPattern(name, rules.results))
    .toSorted();
  const job = await readJob(folder, names);
  const model = rules.model ?? modelPrefixOf(job.value) ?? process.env.MODEL_PREFIX;
  const files: JudgedFile[] = [];
  for (const name of names) {
    const file = join(folder, name);
    const { results } = await readHarnessFile(file);
    const floor = (task: string) => floorOf(floors ?? {}, model, task, rules.minScore);
    files.push({
      file,
      ...defined({ concurrency: concurrencyOfName(name) }),
      metrics: judgeMetrics(results, rules.metricPrefix, floor),
    });
  }
  const faults = [...job.faults, ...batchFaults(job.value, names, rules.expected)];
  const metrics = files.flatMap((file) => file.metrics);
  if (metrics.length === 0) warnings.push(`no metric starts with '${rules.metricPrefix}'`);
  return {
    ...defined({ thresholds: floors === undefined ? undefined : thresholds, model }),
    hasOwnFloors: model !== undefined && floors?.models?.[model] !== undefined,
    isBatch: isBatch(job.value),
    files,
    faults,
    warnings,
    passes: faults.length === 0 && metrics.length > 0 && metrics.every(({ passes }) => passes),
  };
}

/**
 * An unreadable file of floors is only a warning, as in the public tool; the floor of the command line is
 * then used.
 */
async function floorsIn(file: string, warnings: string[]): Promise<Floors | undefined> {
  try {
    return (await readYamlAs(file, floorsSchema)).data;
  } catch (error) {
    warnings.push(`thresholds not used: ${messageOf(error)}`);
    return undefined;
  }
}

/** Reads the job's file. Without it, a single result can be judged but not several concurrencies. */
async function readJob(
  folder: string,
  results: readonly string[],
): Promise<{ readonly value?: unknown; readonly faults: readonly string[] }> {
  try {
    return { value: await readJson(join(folder, jobFileName)), faults: [] };
  } catch (error) {
    const severalConcurrencies = results.some((name) => concurrencyOfName(name) !== undefined);
    return { faults: severalConcurrencies ? [`several concurrencies, but ${messageOf(error)}`] : [] };
  }
}

function failNoFolder(folder: string): never {
  throw new InputError(`no such folder ${folder}`, undefined, { code: 'file-unreadable' });
}
