import type { GpuConstants } from '../../config/index.ts';
import { isMultiNode, precisions } from '../../identity/index.ts';
import type { Point, ServerSpec } from '../recipe.ts';
import { modelShape, paramBytes, weightBytes } from './models.ts';

/** What a point is expected to show. */
export interface PredictedPoint {
  /** Median end-to-end latency, seconds. */
  readonly e2elS: number;
  /** Tokens per second and user. */
  readonly interactivity: number;
  /** Tokens per second and GPU, input and output. */
  readonly tputPerGpu: number;
  /** Finished requests per second. */
  readonly requestRate: number;
}

/** The constants of the model, none of them measured here; each is of the order that public results show. */
export const rooflineAssumptions = {
  /** Share of the memory bandwidth that reading weights and cache reaches. */
  bandwidthShare: 0.6,
  /** Share of the dense arithmetic rate that prompts reach. */
  prefillShare: 0.35,
  decodeShare: 0.4,
  /** Launching the kernels of a layer, and two reductions between GPUs, seconds. */
  layerS: 60e-6,
  reductionS: 25e-6,
  /** How often a drafted token is right. */
  draftAcceptance: 0.75,
  /** What drafting adds to the fixed time of a step. */
  draftOverhead: 1.25,
  /** Share of the GPU memory for weights and cache. */
  memoryShare: 0.85,
} as const;

/** A node without accelerators, which may be a laptop. */
const someCpu = { bandwidth: 0.05e12, flops: 1e12, memory: 32e9 };

interface Processor {
  /** Bytes per second. */
  readonly bandwidth: number;
  readonly flops: number;
  /** Bytes. */
  readonly memory: number;
}

/** The GPU that a runner pool is named after, up to a suffix as in `b200-trt`; undefined if its constants are not known. */
export function gpuNamed(hardware: string, gpus: readonly GpuConstants[]): GpuConstants | undefined {
  return gpus.find(({ gpu }) => gpu === hardware.split('-')[0]);
}

/** What is known of the processors that points are predicted for. */
export interface Processors {
  readonly gpus: readonly GpuConstants[];
  /** Whether the nodes of a pool have no accelerators: then some CPU is assumed, and never for a GPU. */
  readonly isCpu: (hardware: string) => boolean;
}

/** The processor of a runner pool; undefined if nobody knows what it can do. */
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

/** How the engine that decodes is laid out. */
interface Layout {
  /** GPUs of one decoding worker, and how many workers there are. */
  readonly gpus: number;
  readonly workers: number;
  readonly attentionDp: boolean;
  readonly draftTokens: number;
  /** GPUs that only read prompts; 0 where the decoding ones do both. */
  readonly prefillGpus: number;
}

function layoutOf({ entry }: Point, server: ServerSpec): Layout {
  const mtp = entry['spec-decoding'] === 'mtp';
  const workers = server.disaggregated?.workers.filter(({ count }) => count > 0) ?? [];
  const prefill = workers.find(({ role }) => role === 'prefill');
  const decode = workers.find(({ role }) => role === 'decode');
  // Without workers that only decode, those that prefill do both.
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
 * Predicts a point from first principles: a decoding step reads the weights that its batch needs and every request's
 * cache, or computes, whichever is slower, and pays a fixed time per layer; prompts compute in between (or apart, when
 * disaggregated), as often as requests end. An estimate for planning, not a measurement; undefined on an unknown GPU.
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
  // Lengths are uniform in [0.8, 1] of the nominal ones (contract §4).
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
