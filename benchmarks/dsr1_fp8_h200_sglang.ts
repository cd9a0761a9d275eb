import { sglang } from './builders/sglang.ts';
import { is1k1k } from './builders/single-node.ts';

export const recipe = sglang((point) => {
  const batch = is1k1k(point) ? 512 : 256;
  return {
    flags: {
      '--tokenizer-path': point.model,
      '--trust-remote-code': true,
      '--data-parallel-size': 1,
      '--max-running-requests': batch,
      '--cuda-graph-max-bs': batch,
      '--chunked-prefill-size': 32_768,
      '--max-prefill-tokens': 32_768,
      '--mem-fraction-static': 0.82,
      '--attention-backend': 'flashinfer',
      '--stream-interval': 10,
      '--decode-log-interval': 1,
    },
    env: { PYTHONNOUSERSITE: '1', TORCH_CUDA_ARCH_LIST: '9.0' },
  };
});
