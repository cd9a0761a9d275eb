import { sglangWorkers } from './builders/sglang-workers.ts';

export const recipe = sglangWorkers({
  gpusPerNode: 8,
  wide: ({ group }) => group['dp-attn'],
  flags: ({ settings }, wide) => {
    const mtpSize = settings.numberOr('DECODE_MTP_SIZE', 0);
    const mtp = mtpSize > 0;
    return {
      '--attention-backend': 'aiter',
      '--disaggregation-transfer-backend': 'mori',
      '--moe-a2a-backend': wide ? 'mori' : undefined,
      '--mem-fraction-static': 0.8,
      '--speculative-algorithm': mtp ? 'NEXTN' : undefined,
      '--speculative-num-steps': mtp ? mtpSize : undefined,
      '--speculative-eagle-topk': mtp ? 1 : undefined,
      '--speculative-num-draft-tokens': mtp ? mtpSize + 1 : undefined,
    };
  },
  env: { SGLANG_USE_AITER: '1', RCCL_MSCCL_ENABLE: '0' },
});
