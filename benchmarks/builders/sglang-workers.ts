import type { WorkerGroup } from '../../src/matrix/index.ts';
import type { Recipe, WorkerSpec } from '../../src/plan/index.ts';
import { disaggregated, evenNodes, type PhaseWorkers, type Settings } from './disaggregated.ts';
import type { Flags } from './flags.ts';

interface SglangWorkers {
  readonly gpusPerNode: number;
  /** Whether a worker's attention is data-parallel over its GPUs, which are then also its expert-parallel ranks. */
  readonly wide: (phase: PhaseWorkers) => boolean;
  readonly flags: (phase: PhaseWorkers, wide: boolean) => Flags;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * SGLang with separate prefill and decode workers. Entries have the nodes per phase but not the parallelism of a
 * worker, which uses all GPUs of its nodes; the remaining flags are our choice, because the public launchers are not
 * among the recorded scripts.
 */
export function sglangWorkers({ gpusPerNode, wide, flags, env }: SglangWorkers): Recipe {
  return disaggregated({
    size: (group: WorkerGroup, role: WorkerSpec['role'], settings: Settings) => {
      const nodesPerWorker = evenNodes(group, `${role.toUpperCase()}_NODES`, settings);
      return { nodesPerWorker, acceleratorsPerWorker: nodesPerWorker * gpusPerNode };
    },
    worker: (phase) => {
      const isWide = wide(phase);
      const ranks = phase.acceleratorsPerWorker;
      return {
        flags: {
          '--disaggregation-mode': phase.role,
          '--tensor-parallel-size': ranks,
          '--data-parallel-size': isWide ? ranks : undefined,
          '--enable-dp-attention': isWide ? true : undefined,
          '--ep-size': isWide ? ranks : phase.group.ep,
          '--trust-remote-code': true,
          '--disable-radix-cache': true,
          '--context-length': phase.maxModelLen,
          ...flags(phase, isWide),
        },
      };
    },
    env,
  });
}

/** Dynamo's SGLang workers on GB200. `SCRIPT_MODE` selects the end of the curve that an entry is for. */
export function dynamoSglang({ quantization }: { readonly quantization: string }): Recipe {
  return sglangWorkers({
    gpusPerNode: 4,
    wide: ({ settings }) => !(settings.text('SCRIPT_MODE') ?? '').endsWith('low-latency'),
    flags: ({ role }, wide) => ({
      '--quantization': quantization,
      '--kv-cache-dtype': 'fp8_e4m3',
      '--attention-backend': 'trtllm_mla',
      '--disaggregation-transfer-backend': 'nixl',
      '--moe-runner-backend': wide ? undefined : 'flashinfer_trtllm',
      '--moe-a2a-backend': wide ? 'deepep' : undefined,
      '--deepep-mode': wide ? (role === 'prefill' ? 'normal' : 'low_latency') : undefined,
      '--mem-fraction-static': role === 'prefill' ? 0.84 : 0.82,
      '--stream-interval': 10,
    }),
    env: { PYTHONNOUSERSITE: '1', SGLANG_DISAGGREGATION_BOOTSTRAP_TIMEOUT: '1800', MC_FORCE_MNNVL: '1' },
  });
}
