import { z } from 'zod';
import { WorkError } from '../errors.ts';

/** A raw result as far as a row is made from it: any numeric `*_ms` field is taken over (contract §4, §5). */
const rawResult = z.looseObject({
  model_id: z.string(),
  max_concurrency: z.int().positive(),
  total_token_throughput: z.number(),
  output_throughput: z.number(),
  /** Ours: of 1000 / TPOT, tok/s/user. */
  interactivity: z.object({ std: z.number() }).optional(),
});

/** The published form of a point (contract §5): identity, throughput per GPU, and every latency in seconds. */
export interface AggregateRow {
  readonly [field: string]: string | number | boolean;
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
  readonly tput_per_gpu: number;
  readonly output_tput_per_gpu: number;
  readonly input_tput_per_gpu: number;
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
    tput_per_gpu: total / gpus,
    output_tput_per_gpu: output / gpus,
    input_tput_per_gpu: (total - output) / gpus,
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
    tput_per_gpu: total / (prefillGpus + decodeGpus),
    output_tput_per_gpu: output / decodeGpus,
    input_tput_per_gpu: (total - output) / prefillGpus,
  };
}

/** Every `*_ms` field in seconds, and after each TPOT its interactivity, 1000/TPOT in tok/s/user (contract §5). */
function latencies(result: Readonly<Record<string, unknown>>): Record<string, number> {
  const fields: [string, number][] = [];
  for (const [name, value] of Object.entries(result)) {
    if (!publicLatency.test(name) || typeof value !== 'number') continue;
    const field = name.slice(0, -'_ms'.length);
    fields.push([field, value / 1000]);
    // Replies of one token have no TPOT, and so no interactivity: JSON could not say infinity.
    if (field.includes('tpot') && value !== 0) fields.push([field.replace('tpot', 'intvty'), 1000 / value]);
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
