import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../errors.ts';
import { explainLog } from '../failures/index.ts';
import type { Engine } from './engine.ts';

/** llama.cpp behind our own OpenAI-compatible server (`src/llama-server/`), as a process of its own. */
export const llamaCpp: Engine = {
  framework: 'llama.cpp',
  title: 'llama.cpp',
  marker: 'cross',
  protocol: 'openai',
  readiness: { path: '/health', timeoutS: 120 },
  assumedInitS: 3,
  metrics: {
    path: '/metrics',
    names: {
      running: 'llamacpp:num_requests_running',
      waiting: 'llamacpp:num_requests_waiting',
      promptTokens: 'llamacpp:prompt_tokens_total',
      generationTokens: 'llamacpp:generation_tokens_total',
    },
  },
  command: ({ engineDir, modelPath, servedModelName, host, port, args }) => {
    const server = fileURLToPath(
      new URL(`../llama-server/server${extname(import.meta.url)}`, import.meta.url),
    );
    if (engineDir === undefined)
      throw new InputError(
        'llama.cpp runs from a provisioned npm package, not from a container or an installed engine',
        'give its runner pool the local launcher',
      );
    const own = {
      'engine-dir': engineDir,
      model: modelPath,
      'served-model-name': servedModelName,
      host,
      port,
    };
    return {
      argv: [
        process.execPath,
        server,
        ...Object.entries(own).flatMap(([name, value]) => [`--${name}`, String(value)]),
        ...args,
      ],
      env: {},
    };
  },
  explainExit: explainLog,
};
