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
/** Throughput per GPU of the input, the output and both; each may be missing. */
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

/** What a row says, and which run it is of. */
export interface OfRun<Row> {
  readonly runUrl: string;
  /** The model's prefix. */
  readonly model: string;
  readonly day: string;
  readonly row: Row;
}

/**
 * A benchmark row as a point of ours, with a name that no other point of its run has. Throws a ZodError that names the
 * field, or an error that says what is missing.
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
 * GPUs of each role where a row has only their sum: the throughput per GPU of all is the mean of those of the roles,
 * weighted by their GPUs, so that it says how many there are of each.
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

/** An accuracy score as an eval row: of the strict matches, or the task's one score. */
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

/** Jobs of one run on one hardware. */
export function jobCountOf(value: unknown): JobCount {
  const { hardware, date, n_success: succeeded, total: ended } = reliabilityRow.parse(value);
  return { hw: hardware.toLowerCase(), day: date, ended, succeeded };
}

/** The jobs of each hardware and day, all runs of the day together; days without a job are no days. */
export function byDay(counts: readonly JobCount[]): JobCount[] {
  return [...Map.groupBy(counts, ({ hw, day: date }) => `${hw} ${date}`).values()].flatMap((several) => {
    const [first] = several;
    const ended = several.reduce((sum, one) => sum + one.ended, 0);
    const succeeded = several.reduce((sum, one) => sum + one.succeeded, 0);
    return first === undefined || ended === 0 ? [] : [{ ...first, ended, succeeded }];
  });
}

/** A day on which a configuration was measured. */
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
