import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { flagsOf, flagValue, pythonJson, withoutFlags } from '../flags.ts';
import type { JobPlace } from '../job-place.ts';
import { distInitPort, ncclPortOf } from '../ports.ts';
import { nullable } from '../schema-parts.ts';
import { processPerNode } from '../topology.ts';
import {
  environmentOf,
  environments,
  type KvStore,
  kvEvents,
  kvEventsOf,
  mooncake,
  nodesOfWorker,
  optionsByRole,
  optionsOf,
  type ProcessOfWorker,
  type SrtBackend,
  servedModelName,
} from './backend.ts';
import { mooncakeEnvironment } from './mooncake.ts';

const schema = z.strictObject({
  type: z.literal('sglang'),
  gpu_type: nullable(z.string()),
  ...environments,
  sglang_config: optionsByRole,
  kv_events_config: kvEvents,
  mooncake_kv_store: nullable(z.strictObject(mooncake)),
});

type Options = z.output<typeof schema>;

/** Options that the job decides. */
const decided: ReadonlySet<string> = new Set(['model-path', 'served-model-name', 'nccl-port']);

function argvOf(options: Options, { process, worker }: ProcessOfWorker, place: JobPlace): string[] {
  const { role, node } = process;
  const isDirect = place.frontend === 'sglang';
  const nodes = nodesOfWorker(worker);
  const own = optionsOf(role, options.sglang_config);
  const events = kvEventsOf(role, options.kv_events_config, { publisher: 'zmq', topic: 'kv-events' });
  return [
    'python3',
    '-m',
    isDirect ? 'sglang.launch_server' : 'dynamo.sglang',
    '--model-path',
    place.model.path,
    '--served-model-name',
    place.model.name,
    '--host',
    '0.0.0.0',
    '--port',
    String(process.httpPort ?? 0),
    '--nccl-port',
    String(ncclPortOf(process.systemPort)),
    ...(role === 'agg' ? [] : ['--disaggregation-mode', role]),
    ...(process.bootstrapPort === undefined
      ? []
      : ['--disaggregation-bootstrap-port', String(process.bootstrapPort)]),
    ...(nodes.length > 1
      ? [
          '--dist-init-addr',
          `${place.addressOf(nodes[0] ?? node)}:${distInitPort}`,
          '--nnodes',
          String(nodes.length),
          '--node-rank',
          String(nodes.indexOf(node)),
        ]
      : []),
    ...(isDirect ? [] : ['--dump-config-to', `${place.logs}/${node}_config.json`]),
    ...(events === undefined
      ? []
      : ['--kv-events-config', pythonJson({ ...events, endpoint: `tcp://*:${process.kvEventsPort}` })]),
    ...(isDirect ? [] : ['--request-plane', place.requestPlane]),
    ...flagsOf(withoutFlags(own, decided)),
  ];
}

function storeOf({
  container,
  env,
  master_extra_args: extra,
}: NonNullable<Options['mooncake_kv_store']>): KvStore {
  return {
    ...defined({ container: container ?? undefined }),
    arguments: extra,
    environmentOn: (node, place) => mooncakeEnvironment(node, env, place),
    files: () => ({}),
  };
}

/** SGLang, behind Dynamo or SGLang's own router: a process for each node of a worker. */
export const sglang = schema.transform((options): SrtBackend => {
  const store = options.mooncake_kv_store;
  return {
    type: options.type,
    launchesWholeWorkers: false,
    ...defined({
      servedModelName: servedModelName(options.sglang_config),
      kvStore: store == null ? undefined : storeOf(store),
    }),
    usesGrpc: (role) => flagValue(optionsOf(role, options.sglang_config), 'grpc-mode') === true,
    sharesNodes: () => false,
    environmentOf: (role) => environmentOf(role, options),
    processesOf: processPerNode,
    argvOf: (one, place) => argvOf(options, one, place),
    environmentOfProcess: () => ({}),
    usesKvStore: (['prefill', 'decode'] as const).some(
      (role) =>
        flagValue(optionsOf(role, options.sglang_config), 'disaggregation-transfer-backend') === 'mooncake',
    ),
    limitsVisibleDevices: true,
    unsetOnSeveralNodes: [],
    files: () => ({}),
  };
});
