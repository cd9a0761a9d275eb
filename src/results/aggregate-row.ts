import { z } from 'zod';
import { defined } from '../defined/defined.ts';
import { WorkError } from '../errors.ts';
import {
  gpusOfRow,
  identityOfJob,
  type JobVariables,
  type RowIdentity,
  type RowValue,
} from '../identity/index.ts';
import { rawResultFields } from '../load/result-schema.ts';
import { reasonFor } from '../schema-words.ts';
import { hostPowerInRow, powerInRow } from './recorded-power.ts';

const figure = z.number().nullable();

/**
 * The fields of any tool's raw result from which a row is made: every numeric `*_ms` field is used (contract §4, §5). Only
 * our results have `interactivity`.
 */
const rawResult = rawResultFields
  .pick({ model_id: true, total_token_throughput: true, output_throughput: true })
  .extend({
    max_concurrency: z.int().positive(),
    // Other tools have other forms of these.
    request_goodput: z.number().nullable().optional().catch(undefined),
    slo: rawResultFields.shape.slo.unwrap().optional().catch(undefined),
    interactivity: rawResultFields.shape.interactivity.pick({ std: true }).optional(),
    prefix_cache: z.object({ share: z.number().nullable() }).optional().catch(undefined),
    ideal_prefix_cache: z.object({ share: z.number().nullable() }).optional().catch(undefined),
    ended_by: rawResultFields.shape.ended_by.optional().catch(undefined),
    agentic: rawResultFields.shape.agentic
      .unwrap()
      .pick({
        submission_valid: true,
        submission_invalid_reasons: true,
        overrides: true,
        e2e_norm_intvty: true,
      })
      .optional()
      .catch(undefined),
    confidence_95: rawResultFields.shape.confidence_95.optional().catch(undefined),
    search: rawResultFields.shape.search.optional().catch(undefined),
    server_metrics: z
      .object({ spec_decode: z.object({ acceptance: figure, acceptance_length: figure }).nullable() })
      .optional()
      .catch(undefined),
    forced_acceptance: z.object({ acceptance_length: z.number().positive() }).optional().catch(undefined),
  })
  .loose();

/**
 * The published form of a point (contract §5): identity, throughput per GPU, and every latency in seconds. A figure that
 * is not known is null: readers of the public form treat null as not measured or fail visibly, whereas
 * they would plot a 0. What identifies the point is never null.
 */
export type AggregateRow = RowIdentity & {
  readonly tput_per_gpu: number | null;
  readonly output_tput_per_gpu: number | null;
  readonly input_tput_per_gpu: number | null;
  readonly [field: string]: RowValue | null | undefined;
};

/** The aggregate row of a point and its raw result; throws WorkError for a raw result that is not one. */
export function aggregateRow(raw: unknown, point: RowIdentity): AggregateRow {
  const result = parseRawResult(raw);
  return rowOf(result, { ...point, ...saidBy(result) });
}

/**
 * The row of a raw result whose point is described by the environment of its job, as benchmark scripts do. Throws WorkError
 * for a missing or invalid variable, too.
 */
export function aggregateRowOfJob(raw: unknown, environment: JobVariables): AggregateRow {
  const identity = identityOfJob(environment, [resultFilename]);
  const result = parseRawResult(raw);
  return rowOf(result, identity(saidBy(result)));
}

const resultFilename = 'RESULT_FILENAME';

/** The name of a job's raw result, without its extension. Throws WorkError naming every missing variable. */
export function resultFilenameOf(environment: JobVariables): string {
  identityOfJob(environment, [resultFilename]);
  return environment[resultFilename] ?? '';
}

function parseRawResult(raw: unknown): RawResult {
  const parsed = rawResult.safeParse(isRecord(raw) ? withNumbers(raw) : raw);
  if (!parsed.success)
    throw new WorkError(`not a raw result: ${reasonFor(parsed.error)}`, { code: 'not-a-result' });
  return parsed.data;
}

type RawResult = z.infer<typeof rawResult>;

/** The public tool accepts numbers that another tool wrote as strings. */
function withNumbers(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (raw.fidelity !== undefined) return raw;
  return Object.fromEntries(
    Object.entries(raw).map(([name, value]) => {
      const isFigure = /ms$/.test(name) || rateOrLimit.has(name);
      return [name, isFigure && typeof value === 'string' && decimal.test(value) ? Number(value) : value];
    }),
  );
}

const rateOrLimit = new Set(['max_concurrency', 'total_token_throughput', 'output_throughput']);
const decimal = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Identity fields for which the load generator is the best source. */
function saidBy({ max_concurrency: conc, model_id: model }: RawResult) {
  return { conc, model };
}

function rowOf(result: RawResult, identity: RowIdentity): AggregateRow {
  return {
    ...identity,
    ...throughputs(result, identity),
    ...latencies(result),
    // The public std_intvty is 1000 / std_tpot, which is not a spread; this is the real one.
    ...defined({ intvty_spread: result.interactivity?.std, ended_by: endingOf(result) }),
    // Shares of the prompt tokens: from the server's prefix cache, and of the best possible one.
    ...defined({
      cached_prompt_share: result.prefix_cache?.share,
      ideal_cached_share: result.ideal_prefix_cache?.share,
    }),
    ...ofSessions(result),
    ...acceptance(result),
    ...withinLimits(result, identity),
    ...searched(result),
    ...powerInRow(result, identity),
    ...hostPowerInRow(result),
  };
}

/** Of replayed agent sessions: the main figure with its 95 % interval, and whether the public benchmark takes the run. */
function ofSessions({ agentic, confidence_95: intervals = {} }: RawResult) {
  if (agentic === undefined) return {};
  const { e2e_norm_intvty: rates, submission_valid: isValid, submission_invalid_reasons: reasons } = agentic;
  const [low, high] = intervals.p90_e2e_norm_intvty ?? [];
  return defined({
    mean_e2e_norm_intvty: rates?.mean,
    median_e2e_norm_intvty: rates?.p50,
    p75_e2e_norm_intvty: rates?.p75,
    p90_e2e_norm_intvty: rates?.p90,
    p95_e2e_norm_intvty: rates?.p95,
    p90_e2e_norm_intvty_low: low,
    p90_e2e_norm_intvty_high: high,
    submission_valid: isValid,
    submission_invalid_reasons: isValid ? undefined : [...reasons, ...agentic.overrides].join('; '),
  });
}

/** The acceptance of drafts: measured, and the length that the engine was made to have. */
function acceptance({ server_metrics: server, forced_acceptance: forced }: RawResult) {
  return defined({
    draft_acceptance: server?.spec_decode?.acceptance,
    acceptance_length: server?.spec_decode?.acceptance_length,
    forced_acceptance_length: forced?.acceptance_length,
  });
}

/** Why a test ended before it had sent the requests it was given; public rows do not have it. */
function endingOf({ ended_by: ended }: RawResult): string | undefined {
  return ended?.reason === 'requests' ? undefined : ended?.reason;
}

/** Requests per second and GPU within every limit, the share of such requests, and the limits in words. */
function withinLimits({ request_goodput: goodput, slo }: RawResult, identity: RowIdentity) {
  return defined({
    goodput_per_gpu: goodput === undefined ? undefined : per(gpusOfRow(identity).all, goodput),
    slo_attainment: slo?.attainment,
    slo_limits: slo?.limits
      .map(
        ({ metric, percentile, limit_ms }) =>
          `${metric}${percentile === undefined ? '' : `:p${percentile}`}<${limit_ms}`,
      )
      .join(' '),
  });
}

/** The field of a row that says what a search varied. */
export const searchField = 'search_load';

/** What a search found: the row's other figures are those of a test at the highest load that holds. */
function searched({ search }: RawResult) {
  if (search === undefined) return {};
  const { load, state, bracket, interval, confidence } = search;
  return {
    [searchField]: load,
    search_state: state,
    search_holds: bracket[0],
    search_misses: bracket[1],
    search_shown_holds: interval[0],
    search_shown_misses: interval[1],
    search_confidence: confidence,
  };
}

/** Throughput per GPU; with several nodes, input is divided by the prefill GPUs and output by the decode GPUs. */
function throughputs(
  { total_token_throughput: total, output_throughput: output }: RawResult,
  identity: RowIdentity,
) {
  const { all, prefill, decode } = gpusOfRow(identity);
  return {
    tput_per_gpu: per(all, total),
    output_tput_per_gpu: per(decode, output),
    input_tput_per_gpu: per(prefill, difference(total, output)),
  };
}

function per(gpus: number, throughput: number | null): number | null {
  return throughput === null ? null : throughput / gpus;
}

function difference(total: number | null, output: number | null): number | null {
  return total === null || output === null ? null : total - output;
}

/**
 * Every latency in seconds, and after each TPOT its interactivity, 1000/TPOT in tok/s/user (contract §5). The public tool
 * treats every field whose name ends in `ms` as a latency.
 */
function latencies(result: RawResult): Record<string, number | null> {
  const isOwn = result.fidelity !== undefined;
  const fields: [string, number | null][] = [];
  for (const [name, value] of Object.entries(result)) {
    if (typeof value !== 'number' && value !== null) continue;
    const isLatency = isOwn ? ownLatency.test(name) : name.endsWith('ms');
    const field = name.replaceAll('_ms', '');
    if (isLatency) fields.push([field, value === null ? null : value / 1000]);
    if (!name.includes('tpot') || (isOwn && !isLatency)) continue;
    const interactivity = field.replaceAll('tpot', 'intvty');
    if (value === null) fields.push([interactivity, null]);
    // If all tokens arrived at once, or for one-token replies of the public client; JSON has no infinity.
    else if (value !== 0) fields.push([interactivity, 1000 / value]);
  }
  return Object.fromEntries(fields);
}

/** The public latencies; other latencies stay in the raw result. */
const ownLatency = /^(mean|median|std|p[\d.]+)_(ttft|tpot|itl|e2el)_ms$/;
