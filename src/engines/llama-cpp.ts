import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '../errors.ts';
import { explainLog } from '../failures/index.ts';
import type { Engine } from './engine.ts';

/**
 * llama.cpp: its own `llama-server` where somebody has installed that, else behind our OpenAI-compatible server
 * (`src/llama-server/`), as a process of its own.
 */
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
  installed: { program: 'llama-server' },
  version: { path: '/props', field: 'build_info' },
  command: ({ engineDir, program, modelPath, servedModelName, host, port, args }) => {
    if (program !== undefined) {
      const listen = ['--host', host, '--port', String(port)];
      return {
        argv: [program, '--model', modelPath, '--alias', servedModelName, ...listen, '--metrics', ...args],
        env: {},
      };
    }
    const server = fileURLToPath(
      new URL(`../llama-server/server${extname(import.meta.url)}`, import.meta.url),
    );
    if (engineDir === undefined)
      throw new InputError(
        'llama.cpp runs from a provisioned npm package or an installed llama-server, not from a container',
        'use the local launcher in its runner pool, or name the engine as path:FOLDER or command:llama-server',
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
