import { explainLog } from '../failures/index.ts';
import type { Engine } from './engine.ts';
import { hostFlag } from './parts/listen-flags.ts';

/** AMD's ATOM. Its `--port` is not the port that serves requests. */
export const atom: Engine = {
  framework: 'atom',
  title: 'ATOM',
  marker: 'wye',
  protocol: 'openai',
  readiness: { path: '/health', timeoutS: 3600 },
  assumedInitS: 150,
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
  explainExit: explainLog,
};
