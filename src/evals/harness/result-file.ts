import { z } from 'zod';

/** One number of a task as written by lm-eval, and its standard error. */
export interface HarnessFigure {
  readonly value: number | null;
  readonly standardError: number | null;
}

/** The outcome of one task in an lm-eval result. */
export interface HarnessScore {
  readonly task: string;
  /** The model name in the requests; null if the file does not contain it. */
  readonly model: string | null;
  /** Counts only answers in the requested form, such as the number after `####`. */
  readonly strict: HarnessFigure;
  /** Counts the last answer in the text, in any form. */
  readonly flexible: HarnessFigure;
  /** For tasks without filters that report accuracy. */
  readonly accuracy: HarnessFigure;
  /** The number of judged questions; null if the file does not contain it. */
  readonly samples: number | null;
}

/** A value that is not a number, such as lm-eval's `"N/A"`, is an unknown figure. */
const metrics = z.record(z.string(), z.unknown());

/** A result file of lm-evaluation-harness, `results_<time>.json`; other fields are ignored. */
export const harnessFileSchema = z.object({
  lm_eval_version: z.string(),
  model_name: z.string().nullish(),
  results: z.record(z.string(), metrics).default({}),
  configs: z
    .record(
      z.string(),
      z.object({
        metric_list: z.array(z.object({ metric: z.string() })).nullish(),
        filter_list: z.array(z.object({ name: z.string() })).nullish(),
        metadata: z.object({ model: z.string().nullish().catch(null) }).nullish(),
      }),
    )
    .default({}),
  'n-samples': z.record(z.string(), z.object({ effective: z.int().nonnegative() })).default({}),
});

export type HarnessFile = z.output<typeof harnessFileSchema>;

/** Whether a JSON value claims to be a result file of lm-evaluation-harness. */
export function isHarnessFile(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'lm_eval_version' in value;
}

const unknown: HarnessFigure = { value: null, standardError: null };

/**
 * The scores of a result file, one for each task. A figure is named `<metric>,<filter>` and its standard error
 * `<metric>_stderr,<filter>`; without filters, the name is just the metric.
 */
export function harnessScores(file: HarnessFile): HarnessScore[] {
  return Object.entries(file.results).map(([task, measured]) => {
    const { metric_list: metricList, filter_list: filterList, metadata } = file.configs[task] ?? {};
    const metric = metricList?.[0]?.metric ?? 'exact_match';
    const filters = (filterList ?? []).map(({ name }) => name);
    const named = (name: string, filter = ''): HarnessFigure => ({
      value: numberOf(measured[`${name}${filter}`]),
      standardError: numberOf(measured[`${name}_stderr${filter}`]),
    });
    const filtered = (isWanted: (name: string) => boolean) => {
      const filter = filters.findLast(isWanted);
      return filter === undefined ? unknown : named(metric, `,${filter}`);
    };
    const isPlain = filters.length === 0;
    const hasAccuracy = isPlain && 'acc' in measured;
    return {
      task,
      model: file.model_name || metadata?.model || null,
      strict: isPlain && !hasAccuracy ? named(metric) : filtered(isStrict),
      flexible: filtered((name) => !isStrict(name) && /flex|extract/.test(name)),
      accuracy: hasAccuracy ? named('acc') : unknown,
      samples: file['n-samples'][task]?.effective ?? null,
    };
  });
}

function isStrict(filter: string): boolean {
  return filter.includes('strict');
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}

/**
 * The concurrency at the end of a result file's name: `results_conc64.json`, or `results_conc64_1.json` for a repeat.
 */
export function concurrencyOfName(name: string): number | undefined {
  const digits = /_conc(\d+)(?:_\d+)?\.json$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
