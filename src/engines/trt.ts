import { explainLog } from '../failures/index.ts';
import type { Engine } from './engine.ts';
import { hostFlag } from './parts/listen-flags.ts';

/** TensorRT-LLM's server, which starts a rank for each GPU under MPI. Its name for the model is the last part of the path. */
export const trt: Engine = {
  framework: 'trt',
  title: 'TensorRT-LLM',
  marker: 'triangle',
  protocol: 'openai',
  readiness: { path: '/health', timeoutS: 3600 },
  assumedInitS: 240,
  // `/metrics` is JSON there, of iterations that a reader takes away.
  metrics: { path: '/prometheus/metrics', names: { kvCacheUsage: 'trtllm_kv_cache_utilization' } },
  weights: 'hugging-face',
  installed: { program: 'trtllm-serve', packages: ['tensorrt-llm'] },
  version: { path: '/version', field: 'version' },
  command: ({ program, modelPath, host, port, args }) => ({
    argv: [
      'mpirun',
      '-n',
      '1',
      '--oversubscribe',
      '--allow-run-as-root',
      program ?? 'trtllm-serve',
      modelPath,
      ...hostFlag(args, host, 'localhost'),
      '--port',
      String(port),
      ...args,
    ],
    env: {},
  }),
  explainExit: explainLog,
};
