import { z } from 'zod';
import { WorkError } from '../errors.ts';

/** A raw result as far as a row is made from it: any numeric `*_ms` field is taken over (contract §4, §5). */
const rawResult = z.looseObject({
  model_id: z.string(),
  max_concurrency: z.int().positive(),
  /** null, as any figure, is not known. */
  total_token_throughput: z.number().nullable(),
  output_throughput: z.number().nullable(),
  /** Ours: of 1000 / TPOT, tok/s/user. */
  interactivity: z.object({ std: z.number().nullable() }).optional(),
});

/**
 * The published form of a point (contract §5): identity, throughput per GPU, and every latency in seconds. A figure that
 * is not known is null: readers of the public form take a null for a figure that was not measured, or fail aloud, where
 * a 0 would be drawn. What identifies the point is never null.
 */
export interface AggregateRow {
  readonly [field: string]: string | number | boolean | null;
  readonly hw: string;
  readonly conc: number;
  readonly image: string;
  readonly model: string;
  readonly infmax_model_prefix: string;
  readonly framework: string;
  readonly precision: string;
  readonly spec_decoding: string;
  readonly disagg: boolean;
  readonly isl: number;
  readonly osl: number;
  readonly is_multinode: boolean;
  readonly tput_per_gpu: number | null;
  readonly output_tput_per_gpu: number | null;
  readonly input_tput_per_gpu: number | null;
}

/** The environment variables of a job, by name. */
export type JobEnvironment = Readonly<Record<string, string | undefined>>;

const sharedVariables = [
  'RUNNER_TYPE',
  'FRAMEWORK',
  'PRECISION',
  'SPEC_DECODING',
  'RESULT_FILENAME',
  'ISL',
  'OSL',
  'DISAGG',
  'MODEL_PREFIX',
  'IMAGE',
] as const;
const singleNodeVariables = ['TP', 'EP_SIZE', 'DP_ATTENTION'] as const;
const multiNodeVariables = [
  'PREFILL_GPUS',
  'DECODE_GPUS',
  'PREFILL_NUM_WORKERS',
  'PREFILL_TP',
  'PREFILL_EP',
  'PREFILL_DP_ATTN',
  'DECODE_NUM_WORKERS',
  'DECODE_TP',
  'DECODE_EP',
  'DECODE_DP_ATTN',
] as const;

type Variables<Names extends readonly string[]> = Record<Names[number], string>;
type Shared = Variables<typeof sharedVariables>;
type SingleNode = Variables<typeof singleNodeVariables>;
type MultiNode = Variables<typeof multiNodeVariables>;

/** What the environment says about the job that measured, with every variable it needs. */
export type Job =
  | { readonly isMultinode: false; readonly variables: Shared & SingleNode }
  | { readonly isMultinode: true; readonly variables: Shared & MultiNode };

/** Reads the environment of a job (contract §5); throws WorkError naming every missing variable. */
export function jobOf(environment: JobEnvironment): Job {
  if (isTrue(environment.IS_MULTINODE)) {
    const variables = required(environment, [...sharedVariables, ...multiNodeVariables]);
    return { isMultinode: true, variables };
  }
  const variables = required(environment, [...sharedVariables, ...singleNodeVariables]);
  if (isTrue(variables.DISAGG)) {
    throw new WorkError('DISAGG is true, which needs IS_MULTINODE=true as well');
  }
  return { isMultinode: false, variables };
}

/**
 * The aggregate row of a raw result and the environment of the job that measured it.
 * Throws WorkError as `jobOf` does, and for a raw result that is none.
 */
export function aggregateRow(raw: unknown, environment: JobEnvironment): AggregateRow {
  const job = jobOf(environment);
  const parsed = rawResult.safeParse(raw);
  if (!parsed.success) throw new WorkError(`not a raw result: ${z.prettifyError(parsed.error)}`);
  const result = parsed.data;
  return {
    ...identity(result, job.variables),
    is_multinode: job.isMultinode,
    ...(job.isMultinode ? multiNode(result, job.variables) : singleNode(result, job.variables)),
    ...latencies(result),
    // The public std_intvty is 1000 / std_tpot, which is no spread of anything; this is the spread it should be.
    ...(result.interactivity === undefined ? {} : { intvty_spread: result.interactivity.std }),
  };
}

type RawResult = z.infer<typeof rawResult>;

function identity(result: RawResult, job: Shared) {
  return {
    hw: job.RUNNER_TYPE,
    conc: result.max_concurrency,
    image: job.IMAGE,
    model: result.model_id,
    infmax_model_prefix: job.MODEL_PREFIX,
    framework: job.FRAMEWORK,
    precision: job.PRECISION,
    spec_decoding: job.SPEC_DECODING,
    disagg: isTrue(job.DISAGG),
    isl: whole('ISL', job.ISL),
    osl: whole('OSL', job.OSL),
  };
}

function singleNode(
  { total_token_throughput: total, output_throughput: output }: RawResult,
  job: SingleNode,
) {
  const gpus = whole('TP', job.TP);
  return {
    tp: gpus,
    ep: whole('EP_SIZE', job.EP_SIZE),
    dp_attention: job.DP_ATTENTION,
    tput_per_gpu: per(gpus, total),
    output_tput_per_gpu: per(gpus, output),
    input_tput_per_gpu: per(gpus, difference(total, output)),
  };
}

function multiNode({ total_token_throughput: total, output_throughput: output }: RawResult, job: MultiNode) {
  const prefillGpus = whole('PREFILL_GPUS', job.PREFILL_GPUS);
  const decodeGpus = whole('DECODE_GPUS', job.DECODE_GPUS);
  return {
    prefill_tp: whole('PREFILL_TP', job.PREFILL_TP),
    prefill_ep: whole('PREFILL_EP', job.PREFILL_EP),
    prefill_dp_attention: job.PREFILL_DP_ATTN,
    prefill_num_workers: whole('PREFILL_NUM_WORKERS', job.PREFILL_NUM_WORKERS),
    decode_tp: whole('DECODE_TP', job.DECODE_TP),
    decode_ep: whole('DECODE_EP', job.DECODE_EP),
    decode_dp_attention: job.DECODE_DP_ATTN,
    decode_num_workers: whole('DECODE_NUM_WORKERS', job.DECODE_NUM_WORKERS),
    num_prefill_gpu: prefillGpus,
    num_decode_gpu: decodeGpus,
    tput_per_gpu: per(prefillGpus + decodeGpus, total),
    output_tput_per_gpu: per(decodeGpus, output),
    input_tput_per_gpu: per(prefillGpus, difference(total, output)),
  };
}

function per(gpus: number, throughput: number | null): number | null {
  return throughput === null ? null : throughput / gpus;
}

function difference(total: number | null, output: number | null): number | null {
  return total === null || output === null ? null : total - output;
}

/** Every `*_ms` field in seconds, and after each TPOT its interactivity, 1000/TPOT in tok/s/user (contract §5). */
function latencies(result: Readonly<Record<string, unknown>>): Record<string, number | null> {
  const fields: [string, number | null][] = [];
  for (const [name, value] of Object.entries(result)) {
    if (!publicLatency.test(name) || (typeof value !== 'number' && value !== null)) continue;
    const field = name.slice(0, -'_ms'.length);
    fields.push([field, value === null ? null : value / 1000]);
    if (!field.includes('tpot')) continue;
    const interactivity = field.replace('tpot', 'intvty');
    if (value === null) fields.push([interactivity, null]);
    // Tokens that all came at once, or what the public client says of replies of one token: JSON has no infinity.
    else if (value !== 0) fields.push([interactivity, 1000 / value]);
  }
  return Object.fromEntries(fields);
}

/** The public latencies; what a raw result of ours measures beyond them stays in the raw result. */
const publicLatency = /^(mean|median|std|p[\d.]+)_(ttft|tpot|itl|e2el)_ms$/;

function required<const Names extends readonly string[]>(
  environment: JobEnvironment,
  names: Names,
): Record<Names[number], string> {
  const missing = names.filter((name) => (environment[name] ?? '') === '');
  if (missing.length > 0) {
    throw new WorkError(`missing environment variables: ${missing.join(', ')}`, {
      hint: 'set them as the benchmark job had them; an aggregate row is made of them and the raw result',
    });
  }
  const values: Record<string, string> = Object.fromEntries(
    names.map((name) => [name, environment[name] ?? '']),
  );
  return values;
}

function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === 'true';
}

function whole(name: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1)
    throw new WorkError(`${name} must be a whole number above 0, not '${value}'`);
  return number;
}
