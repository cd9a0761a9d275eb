import { qwenAgents } from './builders/qwen3.5-agentic.ts';

export const recipe = qwenAgents({
  '--quantization': 'modelopt_fp4',
  '--fp4-gemm-backend': 'flashinfer_cutlass',
});
