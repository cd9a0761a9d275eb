import type { Engine } from './engine.ts';
import { explainFailure } from './parts/failures.ts';
import { hostFlag } from './parts/listen-flags.ts';

/** AMD's ATOM, whose `--port` is not the one that answers requests. */
export const atom: Engine = {
  framework: 'atom',
  healthPath: '/health',
  readyTimeoutS: 3600,
  loadBackend: 'openai',
  command: ({ modelPath, host, port, args }) => ({
    argv: [
      'python3',
      '-m',
      'atom.entrypoints.openai_server',
      '--model',
      modelPath,
      ...hostFlag(args, host, '0.0.0.0'),
      '--server-port',
      String(port),
      ...args,
    ],
    env: {},
  }),
  explainExit: (logTail) => explainFailure(logTail),
};
