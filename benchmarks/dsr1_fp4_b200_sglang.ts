import { receiveInterval, sglang } from './builders/sglang.ts';

export const recipe = sglang((point) => ({
  flags: {
    '--trust-remote-code': true,
    '--data-parallel-size': 1,
    '--ep-size': point.ep,
    '--cuda-graph-max-bs': 256,
    '--max-running-requests': 256,
    '--mem-fraction-static': 0.85,
    '--kv-cache-dtype': 'fp8_e4m3',
    '--chunked-prefill-size': 16_384,
    '--quantization': 'modelopt_fp4',
    '--enable-flashinfer-allreduce-fusion': true,
    '--enable-symm-mem': true,
    '--attention-backend': 'trtllm_mla',
    '--moe-runner-backend': 'flashinfer_trtllm',
    '--stream-interval': 10,
    '--scheduler-recv-interval': receiveInterval(point),
  },
  env: { PYTHONNOUSERSITE: '1' },
}));
