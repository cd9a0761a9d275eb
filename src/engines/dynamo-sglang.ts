import type { Engine } from './engine.ts';
import { dynamoMetrics, dynamoServices, dynamoWorker } from './parts/dynamo.ts';
import { sglangWorkerSteps } from './parts/sglang-worker.ts';
import { placeWorkers } from './parts/worker-nodes.ts';
import { sglang } from './sglang.ts';

/** SGLang workers under NVIDIA Dynamo, with one process on each node of a worker. */
export const dynamoSglang: Engine = {
  framework: 'dynamo-sglang',
  title: 'SGLang via Dynamo',
  marker: 'star',
  protocol: 'openai',
  readiness: { path: '/health', timeoutS: 5400 },
  assumedInitS: 300,
  metrics: dynamoMetrics,
  command: (request) => dynamoWorker(['python3', '-m', 'dynamo.sglang'], request),
  steps: (request) => {
    const workers = placeWorkers(request.server);
    const nodeCount = workers.flatMap(({ nodes }) => nodes).length;
    return [
      ...dynamoServices(request, nodeCount),
      ...workers.flatMap((worker) =>
        sglangWorkerSteps(worker, (args) => dynamoSglang.command({ ...request, args })),
      ),
    ];
  },
  explainExit: sglang.explainExit,
};
