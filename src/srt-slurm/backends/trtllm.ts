import { z } from 'zod';
import { sha256OfText } from '../../sha256.ts';
import { argumentsOf, flagValue } from '../flags.ts';
import { inContainer, type JobPlace } from '../job-place.ts';
import { publicPort } from '../ports.ts';
import { nullable } from '../schema-parts.ts';
import { processPerNode, type WorkerProcess, type WorkerRole } from '../topology.ts';
import {
  environmentOf,
  environments,
  optionsByRole,
  optionsOf,
  type ProcessOfWorker,
  type SrtBackend,
} from './backend.ts';

const schema = z.strictObject({
  type: z.literal('trtllm'),
  ...environments,
  trtllm_config: optionsByRole,
  publish_events_and_metrics: z.boolean().default(false),
  sequential_node_start: z.int().min(0).default(0),
  numa_memory_bind: nullable(z.boolean()),
});

type Options = z.output<typeof schema>;

/** Grace and Blackwell in one package: memory of the CPU's NUMA nodes only, not of the GPUs'. */
const sharedMemoryGpus: ReadonlySet<string> = new Set(['gb200', 'gb300']);

/** Sizes that `trtllm-serve` gets on its command line, too. */
const servedSizes = ['tensor_parallel_size', 'moe_expert_parallel_size', 'pipeline_parallel_size'];

function argvOf(options: Options, { process }: ProcessOfWorker, place: JobPlace): string[] {
  const { role } = process;
  const own = optionsOf(role, options.trtllm_config);
  const binds = options.numa_memory_bind ?? sharedMemoryGpus.has(place.gpuType);
  const launch = [...(binds && role !== 'agg' ? ['numactl', '-m', '0,1'] : []), 'trtllm-llmapi-launch'];
  const file = inContainer(fileOf(role));
  if (place.frontend === 'trtllm_serve') {
    const port = role === 'agg' ? publicPort : (process.httpPort ?? 0);
    return [
      ...launch,
      'trtllm-serve',
      place.model.path,
      '--host',
      '0.0.0.0',
      '--port',
      String(port),
      ...servedSizes.flatMap((name) => {
        const size = flagValue(own, name.replaceAll('_', '-'));
        return size === undefined ? [] : argumentsOf({ [name]: size });
      }),
      '--config',
      file,
    ];
  }
  return [
    ...launch,
    'python3',
    '-m',
    'dynamo.trtllm',
    '--model-path',
    place.model.path,
    '--served-model-name',
    place.model.folder,
    ...(role === 'agg' ? [] : ['--disaggregation-mode', role]),
    '--extra-engine-args',
    file,
    '--request-plane',
    place.requestPlane,
    ...(options.publish_events_and_metrics ? ['--publish-events-and-metrics'] : []),
  ];
}

function fileOf(role: WorkerRole): string {
  return `trtllm_config_${role}.yaml`;
}

/** TensorRT-LLM: one launch through MPI for each worker, a rank for each GPU, and a configuration file for each role. */
export const trtllm = schema.transform(
  (options): SrtBackend => ({
    type: options.type,
    launchesWholeWorkers: true,
    usesGrpc: () => false,
    sharesNodes: () => false,
    environmentOf: (role) => environmentOf(role, options),
    processesOf: processPerNode,
    argvOf: (one, place) => argvOf(options, one, place),
    environmentOfProcess: (process, { name }) => ({ TRTLLM_EPLB_SHM_NAME: sharedMemoryName(name, process) }),
    usesKvStore: false,
    limitsVisibleDevices: true,
    unsetOnSeveralNodes: [],
    files: (roles) =>
      Object.fromEntries(roles.map((role) => [fileOf(role), optionsOf(role, options.trtllm_config)])),
  }),
);

/** A name for the shared memory of an expert-parallel load balancer; workers of one node need different ones. */
function sharedMemoryName(recipe: string, { role, index, node }: WorkerProcess): string {
  return `moe_shared_${sha256OfText(`${recipe} ${role} ${index} ${node}`).slice(0, 32)}`;
}
