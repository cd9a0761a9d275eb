import { gptOssOnAmd } from './builders/vllm.ts';

/** Every second size up to 128, where decoding happens, then larger steps. */
const compileSizes = [1, ...range(2, 128, 2), 256, 512, 1024, 2048, 8192];
const captureSizes = [1, ...range(2, 128, 2), ...range(136, 1024, 8), 2048, 4096, 8192];
/** Spaced as in the public file, so that the text is identical. */
const compilationConfig = `{${[
  `"compile_sizes":${JSON.stringify(compileSizes)}`,
  `"cudagraph_capture_sizes":${JSON.stringify(captureSizes)}`,
  '"cudagraph_mode": "FULL_AND_PIECEWISE"',
].join(' , ')}}`;

export const recipe = gptOssOnAmd(() => ({
  flags: { '--config': 'config.yaml' },
  env: { VLLM_ROCM_USE_AITER_FUSED_MOE_A16W4: '1' },
  yaml: { 'config.yaml': { 'compilation-config': compilationConfig } },
}));

function range(first: number, last: number, step: number): number[] {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, index) => first + index * step);
}
