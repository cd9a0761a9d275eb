import type { Engine, EngineStep } from './engine.ts';
import { sglangWorkerSteps } from './parts/sglang-worker.ts';
import { hostOf, leaderOf, placeWorkers } from './parts/worker-nodes.ts';
import { sglang } from './sglang.ts';

const workerPort = 30_000;

/** SGLang's prefill and decode servers behind its router. */
export const sglangDisagg: Engine = {
  framework: 'sglang-disagg',
  title: 'SGLang, disaggregated',
  marker: 'hexagon',
  publishedAs: { framework: 'mori-sglang', title: 'SGLang with MoRI' },
  protocol: 'openai',
  readiness: { path: '/health', timeoutS: 5400 },
  assumedInitS: 240,
  command: sglang.command,
  steps: (request) => {
    const workers = placeWorkers(request.server);
    const urlsOf = (role: string) =>
      workers
        .filter(({ spec }) => spec.role === role)
        .flatMap((worker) => [`--${role}`, `http://${hostOf(leaderOf(worker))}:${workerPort}`]);
    const router: EngineStep = {
      name: 'router',
      nodes: [0],
      tasksPerNode: 1,
      mpi: false,
      argv: [
        'python3',
        '-m',
        'sglang_router.launch_router',
        '--pd-disaggregation',
        ...urlsOf('prefill'),
        ...urlsOf('decode'),
        '--host',
        request.host,
        '--port',
        String(request.port),
        ...request.server.args,
      ],
      env: {},
    };
    return [
      ...workers.flatMap((worker) =>
        sglangWorkerSteps(worker, (args) =>
          sglang.command({ ...request, host: '0.0.0.0', port: workerPort, args }),
        ),
      ),
      router,
    ];
  },
  explainExit: sglang.explainExit,
};
