import type { GpuConstants } from '../../config/index.ts';
import { isMultiNode, precisions } from '../../identity/index.ts';
import type { Point, ServerSpec } from '../recipe.ts';
import { modelShape, paramBytes, weightBytes } from './models.ts';

/** The predicted figures of a point. */
export interface PredictedPoint {
  /** Median end-to-end latency in seconds. */
  readonly e2elS: number;
  /** Tokens per second per user. */
  readonly interactivity: number;
  /** Tokens per second per GPU, input and output. */
  readonly tputPerGpu: number;
  /** Completed requests per second. */
  readonly requestRate: number;
}

/** Assumed constants; they were not measured here, but are of the order that public results show. */
export const rooflineAssumptions = {
  /** Fraction of the memory bandwidth that reading weights and KV cache achieves. */
  bandwidthShare: 0.6,
  /** Fraction of the dense FLOP rate that prefill achieves. */
  prefillShare: 0.35,
  decodeShare: 0.4,
  /** Seconds to launch the kernels of a layer, and for its two reductions between GPUs. */
  layerS: 60e-6,
  reductionS: 25e-6,
  /** Fraction of drafted tokens that are accepted. */
  draftAcceptance: 0.75,
  /** Factor by which drafting increases the fixed time of a step. */
  draftOverhead: 1.25,
  /** Fraction of the GPU memory used for weights and KV cache. */
  memoryShare: 0.85,
} as const;

/** A node without accelerators, possibly a laptop. Units as in `Processor`. */
const someCpu = { bandwidth: 0.05e12, flops: 1e12, memory: 32e9 };

interface Processor {
  /** Memory bandwidth in bytes per second. */
  readonly bandwidth: number;
  readonly flops: number;
  /** Memory in bytes. */
  readonly memory: number;
}

/**
 * The GPU after which a runner pool is named, ignoring a suffix as in `b200-trt`; undefined if its constants
 * are unknown.
 */
export function gpuNamed(hardware: string, gpus: readonly GpuConstants[]): GpuConstants | undefined {
  return gpus.find(({ gpu }) => gpu === hardware.split('-')[0]);
}

/** The processors for which points can be predicted. */
export interface Processors {
  readonly gpus: readonly GpuConstants[];
  /**
   * Whether the nodes of a pool have no accelerators. Only then a generic CPU is assumed, never for a GPU.
   */
  readonly isCpu: (hardware: string) => boolean;
}

/** The processor of a runner pool; undefined if its speed is unknown. */
export function processorOf(
  hardware: string,
  precision: string,
  { gpus, isCpu }: Processors,
): Processor | undefined {
  const specs = gpuNamed(hardware, gpus)?.specs;
  if (specs?.memoryBandwidthTbPerS === undefined) return isCpu(hardware) ? someCpu : undefined;
  const rates = { bf16: specs.denseBf16Tflops, fp8: specs.denseFp8Tflops, fp4: specs.denseFp4Tflops };
  const tflops =
    rates[precisions.get(precision)?.rate ?? 'bf16']?.value ??
    rates.bf16?.value ??
    (rates.fp8 === undefined ? 1 : rates.fp8.value / 2);
  return {
    bandwidth: specs.memoryBandwidthTbPerS.value * 1e12,
    flops: tflops * 1e12,
    memory: (specs.memoryGb?.value ?? 80) * 1e9,
  };
}

/** The GPU layout of an engine. */
interface Layout {
  /** GPUs per decode worker, and the number of these workers. */
  readonly gpus: number;
  readonly workers: number;
  readonly attentionDp: boolean;
  readonly draftTokens: number;
  /** GPUs that only do prefill; 0 if the decode workers do both. */
  readonly prefillGpus: number;
}

function layoutOf({ entry }: Point, server: ServerSpec): Layout {
  const mtp = entry['spec-decoding'] === 'mtp';
  const workers = server.disaggregated?.workers.filter(({ count }) => count > 0) ?? [];
  const prefill = workers.find(({ role }) => role === 'prefill');
  const decode = workers.find(({ role }) => role === 'decode');
  // Without decode workers, the prefill workers do both.
  const decoding = decode ?? prefill;
  const layout = isMultiNode(entry) ? entry[decoding?.role ?? 'decode'] : entry;
  const attentionDp = layout['dp-attn'];
  return {
    gpus: decoding?.acceleratorsPerWorker ?? server.acceleratorCount,
    workers: decoding?.count ?? 1,
    attentionDp,
    draftTokens: mtp ? (attentionDp ? 1 : 3) : 0,
    prefillGpus:
      prefill === undefined || decode === undefined ? 0 : prefill.count * prefill.acceleratorsPerWorker,
  };
}

/**
 * Predicts a point with a roofline model. A decode step takes the longer of two times (reading the weights
 * that its batch needs and every request's KV cache, or computing), plus a fixed time per layer. Prefill runs
 * in between (or on separate GPUs, if disaggregated), once per request. This is an estimate for planning, not
 * a measurement. Undefined on an unknown GPU.
 */
export function predictPoint(
  point: Point,
  server: ServerSpec,
  processors: Processors,
): PredictedPoint | undefined {
  const { entry, conc, hardware } = point;
  const assume = rooflineAssumptions;
  const shape = modelShape(entry['model-prefix'], entry.model);
  const processor = processorOf(hardware, entry.precision, processors);
  if (processor === undefined) return undefined;
  const layout = layoutOf(point, server);
  // Lengths are uniform in [0.8, 1] of the nominal length (contract §4).
  const inputTokens = 0.9 * entry.isl;
  const outputTokens = 0.9 * entry.osl;
  const bandwidth = processor.bandwidth * assume.bandwidthShare;
  const activeParams = shape.denseParams + (shape.expertParams * shape.expertsPerToken) / shape.experts;
  const bytes = paramBytes(entry.precision);

  const context = inputTokens + outputTokens / 2;
  const kvSplit = layout.attentionDp ? layout.gpus : Math.min(shape.kvParts, layout.gpus);
  const cacheRoom = processor.memory * layout.gpus * assume.memoryShare - weightBytes(shape, entry.precision);
  const cachePerRequest = (context * shape.kvBytesPerToken * layout.gpus) / kvSplit;
  const batch = Math.max(1, Math.min(conc / layout.workers, Math.floor(cacheRoom / cachePerRequest)));

  const tokensPerStep = batch * (1 + layout.draftTokens);
  const expertShare = 1 - (1 - shape.expertsPerToken / shape.experts) ** tokensPerStep;
  const readS =
    ((shape.denseParams * bytes) / (layout.attentionDp ? 1 : layout.gpus) +
      (shape.expertParams * bytes * expertShare) / layout.gpus +
      (batch * context * shape.kvBytesPerToken) / kvSplit) /
    bandwidth;
  const computeS = (tokensPerStep * 2 * activeParams) / (processor.flops * assume.decodeShare * layout.gpus);
  const fixedS =
    shape.layers *
    (assume.layerS + (layout.gpus > 1 ? assume.reductionS : 0)) *
    (layout.draftTokens > 0 ? assume.draftOverhead : 1);
  const accepted = (1 - assume.draftAcceptance ** (layout.draftTokens + 1)) / (1 - assume.draftAcceptance);
  const stepS = Math.max(readS, computeS) + fixedS;

  const apart = layout.prefillGpus > 0;
  const prefillGpus = apart ? layout.prefillGpus : layout.gpus;
  const promptS = (inputTokens * 2 * activeParams) / (processor.flops * assume.prefillShare * prefillGpus);
  const perTokenS = stepS / accepted + (apart ? 0 : (promptS * batch) / outputTokens);
  const servedS = 2 * promptS + stepS + outputTokens * perTokenS;
  const requestRate = Math.min(
    (batch * layout.workers) / servedS,
    apart ? 1 / promptS : Number.POSITIVE_INFINITY,
  );
  return {
    e2elS: conc / requestRate,
    interactivity: 1 / perTokenS,
    tputPerGpu: (requestRate * (inputTokens + outputTokens)) / server.acceleratorCount,
    requestRate,
  };
}
