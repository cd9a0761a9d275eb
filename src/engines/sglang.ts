import { explainLog } from '../failures/index.ts';
import type { Engine } from './engine.ts';
import { hostFlag } from './parts/listen-flags.ts';

/** SGLang's server on one node. */
export const sglang: Engine = {
  framework: 'sglang',
  title: 'SGLang',
  marker: 'square',
  protocol: 'openai',
  readiness: { path: '/health', timeoutS: 3600 },
  assumedInitS: 150,
  metrics: {
    path: '/metrics',
    names: {
      running: 'sglang:num_running_reqs',
      waiting: 'sglang:num_queue_reqs',
      kvCacheUsage: 'sglang:token_usage',
      promptTokens: 'sglang:prompt_tokens_total',
      generationTokens: 'sglang:generation_tokens_total',
      specAcceptance: 'sglang:spec_accept_rate',
    },
  },
  command: ({ modelPath, servedModelName, host, port, args }) => ({
    argv: [
      'python3',
      '-m',
      'sglang.launch_server',
      '--model-path',
      modelPath,
      ...hostFlag(args, host, '127.0.0.1'),
      '--port',
      String(port),
      ...(modelPath === servedModelName ? [] : ['--served-model-name', servedModelName]),
      ...args,
    ],
    env: {},
  }),
  explainExit: explainLog,
};
