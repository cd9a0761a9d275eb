import type { Engine } from './engine.ts';
import { dynamoMetrics, dynamoServices, dynamoWorker } from './parts/dynamo.ts';
import { placeWorkers } from './parts/worker-nodes.ts';
import { trt } from './trt.ts';

/** TensorRT-LLM workers under NVIDIA Dynamo; each worker is one MPI job across its nodes. */
export const dynamoTrt: Engine = {
  framework: 'dynamo-trt',
  title: 'TensorRT-LLM via Dynamo',
  marker: 'diamond',
  protocol: 'openai',
  readiness: { path: '/health', timeoutS: 5400 },
  assumedInitS: 300,
  metrics: dynamoMetrics,
  command: (request) => dynamoWorker(['trtllm-llmapi-launch', 'python3', '-m', 'dynamo.trtllm'], request),
  steps: (request) => {
    const workers = placeWorkers(request.server);
    const nodeCount = workers.flatMap(({ nodes }) => nodes).length;
    return [
      ...dynamoServices(request, nodeCount),
      ...workers.map(({ spec, name, nodes }) => ({
        name,
        nodes,
        tasksPerNode: Math.ceil(spec.acceleratorsPerWorker / nodes.length),
        mpi: true,
        worker: spec,
        ...dynamoTrt.command({ ...request, args: spec.args }),
      })),
    ];
  },
  explainExit: trt.explainExit,
};
