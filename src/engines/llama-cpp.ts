import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Engine } from './engine.ts';

/** llama.cpp behind our own OpenAI-compatible server (`src/llama-server/`), as a process of its own. */
export const llamaCpp: Engine = {
  framework: 'llama.cpp',
  healthPath: '/health',
  readyTimeoutS: 120,
  loadBackend: 'openai',
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
      throw new Error('llama.cpp runs from a provisioned package, not from an image');
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
  explainExit: (logTail) =>
    logTail
      .split('\n')
      .findLast((line) => line.startsWith('error: '))
      ?.slice('error: '.length),
};
