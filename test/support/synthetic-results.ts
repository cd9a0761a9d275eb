import { type AggregateRow, aggregateRowOfJob, type JobVariables } from '../../src/results/index.ts';

/** Deterministic random numbers (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A point to generate; the hardware's name shows that it was not measured. */
export interface SyntheticPoint {
  readonly modelPrefix: string;
  readonly model: string;
  readonly hw: `synthetic-${string}`;
  readonly framework: string;
  readonly precision: string;
  readonly specDecoding: string;
  readonly image: string;
  readonly isl: number;
  readonly osl: number;
  readonly tp: number;
  readonly ep: number;
  readonly dpAttention: boolean;
  readonly conc: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Relative speed of the hardware; 1 is hardware of 2023. */
  readonly speed: number;
}

export const somePoint: SyntheticPoint = {
  modelPrefix: 'dsr1',
  model: 'deepseek-ai/DeepSeek-R1-0528',
  hw: 'synthetic-h200',
  framework: 'sglang',
  precision: 'fp8',
  specDecoding: 'none',
  image: 'lmsysorg/sglang:v0.5.5',
  isl: 1024,
  osl: 1024,
  tp: 8,
  ep: 1,
  dpAttention: false,
  conc: 16,
  at: Date.UTC(2026, 0, 14, 10, 15),
  speed: 1,
};

/** A raw result with a typical engine curve: throughput saturates, latency grows with concurrency. */
export function syntheticRaw(point: SyntheticPoint, random: () => number): Record<string, unknown> {
  const noise = (share: number): number => 1 + share * (random() + random() + random() - 1.5);
  const tpotMs = ((6 + 0.09 * point.conc ** 0.85) / point.speed) * (8 / point.tp) ** 0.6 * noise(0.03);
  const ttftMs = ((20 + (point.isl * point.conc) / 220) / point.speed / point.tp ** 0.5) * noise(0.08);
  const e2elMs = ttftMs + tpotMs * (point.osl - 1);
  const completed = 10 * point.conc;
  const outputTokens = Math.round(completed * point.osl * 0.9);
  const inputTokens = Math.round(completed * point.isl * 0.9);
  const durationS = (10 * e2elMs) / 1000;
  return {
    date: compact(point.at),
    backend: point.framework,
    model_id: point.model,
    tokenizer_id: point.model,
    num_prompts: completed,
    request_rate: 'inf',
    burstiness: 1,
    max_concurrency: point.conc,
    duration: durationS,
    completed,
    total_input_tokens: inputTokens,
    total_output_tokens: outputTokens,
    request_throughput: completed / durationS,
    output_throughput: outputTokens / durationS,
    total_token_throughput: (inputTokens + outputTokens) / durationS,
    ...figures('ttft', ttftMs, noise),
    ...figures('tpot', tpotMs, noise),
    ...figures('itl', tpotMs * 0.98, noise),
    ...figures('e2el', e2elMs, noise),
    failed: 0,
    started_at: point.at / 1000,
    confidence_95: {
      median_ttft_ms: [ttftMs * 0.97, ttftMs * 1.03],
      median_tpot_ms: [tpotMs * 0.99, tpotMs * 1.01],
    },
    fidelity: {
      verdict: 'checked',
      reasons: [],
      asked_concurrency: point.conc,
      achieved_concurrency: point.conc,
    },
  };
}

function figures(metric: string, medianMs: number, noise: (share: number) => number): Record<string, number> {
  return {
    [`mean_${metric}_ms`]: medianMs * 1.04 * noise(0.01),
    [`median_${metric}_ms`]: medianMs,
    [`std_${metric}_ms`]: medianMs * 0.19 * noise(0.1),
    [`p90_${metric}_ms`]: medianMs * 1.4 * noise(0.02),
    [`p99_${metric}_ms`]: medianMs * 1.9 * noise(0.05),
    [`p99.9_${metric}_ms`]: medianMs * 2.5 * noise(0.1),
  };
}

/** The environment of the job that measured a point (contract §5). */
export function syntheticJob(point: SyntheticPoint): JobVariables {
  return {
    RUNNER_TYPE: point.hw,
    FRAMEWORK: point.framework,
    PRECISION: point.precision,
    SPEC_DECODING: point.specDecoding,
    RESULT_FILENAME: resultFilename(point),
    ISL: String(point.isl),
    OSL: String(point.osl),
    DISAGG: 'false',
    MODEL_PREFIX: point.modelPrefix,
    IMAGE: point.image,
    TP: String(point.tp),
    EP_SIZE: String(point.ep),
    DP_ATTENTION: String(point.dpAttention),
  };
}

export function resultFilename(point: SyntheticPoint): string {
  const { modelPrefix, isl, osl, precision, framework, tp, ep, dpAttention, conc } = point;
  return `${modelPrefix}_${isl}_${osl}_${precision}_${framework}_tp${tp}_ep${ep}_dpa_${dpAttention}_conc${conc}_${point.hw}_0`;
}

export function syntheticRow(point: SyntheticPoint, random: () => number): AggregateRow {
  return aggregateRowOfJob(syntheticRaw(point, random), syntheticJob(point));
}

function compact(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}
