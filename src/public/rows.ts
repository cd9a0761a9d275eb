import { z } from 'zod';
import {
  curveName,
  gpusOfRow,
  pointFields,
  pointName,
  publishedDay,
  publishedIdentity,
  publishedModel,
  publishedPoint,
  publishedScore,
  publishedSubject,
  type RoleGpus,
  rowKeyBy,
  undividedGpus,
} from '../identity/index.ts';
import type { CopiedPoint, CopiedScore, JobCount } from '../store/index.ts';

const day = z.iso.date();
const figure = z.number().nullable();
const throughputs = { tput_per_gpu: figure, output_tput_per_gpu: figure, input_tput_per_gpu: figure };
/** Throughput per GPU: input, output and total. Each may be missing. */
const figures = z.looseObject(z.object(throughputs).partial().shape).catchall(figure);

const run = { date: day, run_url: z.url({ protocol: /^https?$/ }) };
const benchmarkRow = z.looseObject({ metrics: figures, ...run }).and(publishedPoint);
const evaluation = z
  .looseObject({
    id: z.coerce.string(),
    task: z.string(),
    timestamp: z.iso.datetime({ offset: true }),
    metrics: z.record(z.string(), figure),
    ...run,
  })
  .and(publishedScore);
const reliabilityRow = z
  .object({ hardware: z.string(), date: day, n_success: z.int().nonnegative(), total: z.int().nonnegative() })
  .refine(({ n_success, total }) => n_success <= total, { path: ['n_success'], error: 'is more than total' });
const availableDay = z.looseObject({ date: day }).and(publishedDay);

/** A parsed row and the URL of its run. */
export interface OfRun<Row> {
  readonly runUrl: string;
  /** The model prefix. */
  readonly model: string;
  readonly day: string;
  readonly row: Row;
}

/**
 * Converts a benchmark row into a point of the store, with a name that is unique in its run. Throws a
 * ZodError that names the field, or an error that says what is missing.
 */
export function pointOf(
  value: unknown,
): OfRun<CopiedPoint> & { readonly point: string; readonly lengths: Lengths } {
  const row = benchmarkRow.parse(value);
  const total = undividedGpus(row);
  const identity = publishedIdentity(row, total === undefined ? undefined : splitOf(total, row.metrics));
  const { avg_power_w: powerPerGpuW } = row.metrics;
  const gpus = gpusOfRow(identity).all;
  return {
    runUrl: row.run_url,
    model: identity.infmax_model_prefix,
    day: row.date,
    point: rowKeyBy(pointFields, identity),
    lengths: { isl: identity.isl, osl: identity.osl },
    row: {
      name: `${row.run_url} ${curveName(identity)} ${pointName(identity)}`,
      row: {
        ...identity,
        tput_per_gpu: null,
        output_tput_per_gpu: null,
        input_tput_per_gpu: null,
        ...row.metrics,
        run_url: row.run_url,
      },
      at: startOf(row.date),
      powerW: typeof powerPerGpuW === 'number' ? powerPerGpuW * gpus : null,
    },
  };
}

/**
 * Splits the GPUs of a disaggregated row that has only their sum. The total throughput per GPU is the mean of
 * the roles' throughputs per GPU weighted by their GPUs: `all = (p·input + d·output) / (p + d)`, solved for
 * p.
 */
export function splitOf(total: number, metrics: z.infer<typeof figures>): RoleGpus {
  const { tput_per_gpu: all, output_tput_per_gpu: output, input_tput_per_gpu: input } = metrics;
  if (typeof all !== 'number' || typeof output !== 'number' || typeof input !== 'number')
    throw new Error(
      'the GPUs of prefill and decode are not given separately, and do not follow from the throughputs',
    );
  const prefill = (total * (all - output)) / (input - output);
  const whole = Math.round(prefill);
  if (!(Math.abs(prefill - whole) < 0.01 && whole > 0 && whole < total))
    throw new Error(
      `the GPUs of prefill and decode are not given separately, and the throughputs imply ${prefill} of ${total}`,
    );
  return { prefill: whole, decode: total - whole };
}

/** Converts an accuracy score into an eval row: the strict-match score, or else the task's only score. */
export function scoreOf(value: unknown): OfRun<CopiedScore> {
  const row = evaluation.parse(value);
  const name = ['em_strict', 'score'].find((one) => typeof row.metrics[one] === 'number');
  if (name === undefined) throw new Error('metrics: em_strict and score are missing');
  return {
    runUrl: row.run_url,
    model: publishedModel(String(row.model)).prefix,
    day: row.date,
    row: {
      name: `evaluation ${row.id}`,
      row: {
        ...publishedSubject(row),
        task: row.task,
        score_name: name,
        score: row.metrics[name],
        score_se: row.metrics[`${name}_se`] ?? null,
        n_eff: row.metrics.n_eff ?? null,
        timestamp: row.timestamp,
        source: `public evaluation ${row.id}`,
        run_url: row.run_url,
      },
      at: startOf(row.date),
    },
  };
}

/** Parses the job counts of one run on one hardware type. */
export function jobCountOf(value: unknown): JobCount {
  const { hardware, date, n_success: succeeded, total: ended } = reliabilityRow.parse(value);
  return { hw: hardware.toLowerCase(), day: date, ended, succeeded };
}

/** Adds up the jobs of all runs by hardware and day; days without jobs are left out. */
export function byDay(counts: readonly JobCount[]): JobCount[] {
  return [...Map.groupBy(counts, ({ hw, day: date }) => `${hw} ${date}`).values()].flatMap((several) => {
    const [first] = several;
    const ended = several.reduce((sum, one) => sum + one.ended, 0);
    const succeeded = several.reduce((sum, one) => sum + one.succeeded, 0);
    return first === undefined || ended === 0 ? [] : [{ ...first, ended, succeeded }];
  });
}

/** Parses a day on which a configuration was measured. */
export function availableOf(value: unknown): { readonly model: string; readonly day: string } & Lengths {
  const row = availableDay.parse(value);
  return {
    model: publishedModel(String(row.model)).prefix,
    day: row.date,
    isl: Number(row.isl),
    osl: Number(row.osl),
  };
}

export interface Lengths {
  readonly isl: number;
  readonly osl: number;
}

function startOf(date: string): Date {
  return new Date(`${date}T00:00:00Z`);
}
