import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { InputError } from '../../errors.ts';
import { flagsOf, flagValue, pythonJson, sizeOf, withoutFlags } from '../flags.ts';
import { inContainer, type JobPlace } from '../job-place.ts';
import { dataParallelPort, mooncakePorts, type PortAllocation, publicPort, vllmPortOf } from '../ports.ts';
import { fields, nullable } from '../schema-parts.ts';
import { type Endpoint, processPerNode, type WorkerProcess } from '../topology.ts';
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
  type: z.literal('vllm'),
  ...environments,
  vllm_config: optionsByRole,
  set_cuda_visible_devices: z.boolean().default(false),
  connector: z.string().nullable().default('nixl'),
  mooncake_kv_store: nullable(z.strictObject({ ...mooncake, store_config: nullable(fields) })),
  kv_events_config: kvEvents,
  allow_prefill_decode_colocation: z.boolean().default(false),
  allow_prefill_decode_colocation_across_nodes: z.boolean().default(false),
  dp_launch_mode: z.enum(['per_node', 'per_gpu']).default('per_node'),
});

type Options = z.output<typeof schema>;

/** Options that the job decides when it starts `vllm serve`. */
const decidedForServe: ReadonlySet<string> = new Set([
  'headless',
  'host',
  'port',
  'master-addr',
  'nnodes',
  'node-rank',
  'connector',
]);

/** Options of the API server, which followers do not run. */
const ofApiServer: ReadonlySet<string> = new Set(['api-server-count']);

/** Options that the job decides for data-parallel ranks of one process per node. */
const decidedForRanks: ReadonlySet<string> = new Set([
  'data-parallel-rpc-port',
  'data-parallel-size-local',
  'data-parallel-start-rank',
  'data-parallel-hybrid-lb',
  'headless',
  'connector',
]);

const decidedForOneRank: ReadonlySet<string> = new Set(['data-parallel-rpc-port', 'connector']);
const connectorOnly: ReadonlySet<string> = new Set(['connector']);

/** The KV connectors that a recipe can name; anything else is JSON for vLLM. */
const connectors: Readonly<Record<string, object>> = {
  nixl: { kv_connector: 'NixlConnector', kv_role: 'kv_both' },
  lmcache: { kv_connector: 'LMCacheConnectorV1', kv_role: 'kv_both' },
  kvbm: {
    kv_connector: 'DynamoConnector',
    kv_connector_module_path: 'kvbm.vllm_integration.connector',
    kv_role: 'kv_both',
  },
};

/** The parallel sizes of a role. */
function sizesOf(options: Options, role: WorkerProcess['role']) {
  const own = optionsOf(role, options.vllm_config);
  const replica = (sizeOf(own, 'tensor-parallel-size') ?? 1) * (sizeOf(own, 'pipeline-parallel-size') ?? 1);
  const isDataParallel = flagValue(own, 'data-parallel-size') !== undefined;
  return { own, replica, isDataParallel, ranks: sizeOf(own, 'data-parallel-size') };
}

function processesOf(
  options: Options,
  endpoint: Endpoint,
  ports: PortAllocation,
  frontend: string,
): WorkerProcess[] {
  const { isDataParallel, ranks, replica } = sizesOf(options, endpoint.role);
  if (frontend === 'vllm' || !isDataParallel) return processPerNode(endpoint, ports);
  if (options.dp_launch_mode === 'per_gpu') return processPerGpu(endpoint, ports, ranks);
  const gpus = endpoint.nodes.length * endpoint.gpus.length;
  const all = ranks ?? Math.floor(gpus / replica);
  const local = endpoint.gpus.length;
  if (all * replica !== gpus)
    throw misfit(
      endpoint,
      `needs ${all * replica} GPUs for data-parallel-size ${all} and ${replica} GPUs per rank, and has ${gpus}`,
    );
  if (replica > local) {
    if (replica % local !== 0 || endpoint.nodes.length < 2)
      throw misfit(endpoint, `needs ${replica} GPUs per rank, and its nodes have ${local} each`);
    return processPerNode(endpoint, ports);
  }
  if (local % replica !== 0)
    throw misfit(endpoint, `needs ${replica} GPUs per rank, which does not divide the ${local} of a node`);
  return processPerNodeOfRanks(endpoint, ports, all, local / replica);
}

function misfit({ role, index }: Endpoint, problem: string): InputError {
  return new InputError(
    `${role} worker ${index} ${problem}`,
    'correct the parallel sizes in vllm_config, or the GPUs in resources',
    { code: 'bad-config' },
  );
}

/** A process for each node, which has the node's data-parallel ranks. */
function processPerNodeOfRanks(
  { role, index, nodes, gpus }: Endpoint,
  ports: PortAllocation,
  ranks: number,
  ranksPerNode: number,
): WorkerProcess[] {
  const rendezvous = ports.dataParallel(nodes[0] ?? '');
  const nixlPort = ports.nixl(ranks);
  return nodes.map((node, at) => ({
    role,
    index,
    node,
    gpus,
    rank: at * ranksPerNode,
    systemPort: ports.system(),
    httpPort: ports.http(node),
    ...defined({ bootstrapPort: role === 'prefill' ? ports.bootstrap(node) : undefined }),
    kvEventsPort: ports.kvEvents(ranksPerNode),
    nixlPort,
    dataParallelPort: rendezvous,
  }));
}

/** A process for each GPU, which is one data-parallel rank. */
function processPerGpu(
  { role, index, nodes, gpus }: Endpoint,
  ports: PortAllocation,
  ranks: number | undefined,
): WorkerProcess[] {
  const rendezvous = ports.dataParallel(nodes[0] ?? '');
  const nixlPort = ports.nixl(ranks ?? gpus.length);
  return nodes
    .flatMap((node) => gpus.map((gpu) => ({ node, gpu })))
    .map(({ node, gpu }, rank) => ({
      role,
      index,
      node,
      gpus: [gpu],
      rank,
      systemPort: ports.system(),
      ...defined({
        httpPort: rank === 0 ? ports.http(node) : undefined,
        bootstrapPort: rank === 0 && role === 'prefill' ? ports.bootstrap(node) : undefined,
      }),
      kvEventsPort: ports.kvEvents(),
      nixlPort,
      dataParallelPort: rendezvous,
    }));
}

function argvOf(options: Options, one: ProcessOfWorker, place: JobPlace): string[] {
  return place.frontend === 'vllm' ? serveOf(options, one, place) : workerOf(options, one, place);
}

/** `vllm serve`: the first node has the API server, the others only engines. */
function serveOf(options: Options, { process, worker }: ProcessOfWorker, place: JobPlace): string[] {
  const nodes = nodesOfWorker(worker);
  const rank = nodes.indexOf(process.node);
  const own = withoutFlags(optionsOf(process.role, options.vllm_config), decidedForServe);
  const named =
    flagValue(own, 'served-model-name') === undefined
      ? { ...own, 'served-model-name': place.model.name }
      : own;
  return [
    'vllm',
    'serve',
    place.model.path,
    ...(rank === 0 ? ['--host', '0.0.0.0', '--port', String(publicPort)] : []),
    ...(nodes.length > 1 ? rendezvousOf(nodes, process.node, place) : []),
    ...(rank > 0 ? ['--headless'] : []),
    ...devicesOf(options, process),
    ...flagsOf(rank > 0 ? withoutFlags(named, ofApiServer) : named),
  ];
}

/** A worker of Dynamo. */
function workerOf(options: Options, { process, worker }: ProcessOfWorker, place: JobPlace): string[] {
  const { role, node } = process;
  const { own } = sizesOf(options, role);
  const { flags, left } = coordinationOf(options, { process, worker }, place);
  const connector = flagValue(own, 'connector') ?? options.connector;
  const events = kvEventsOf(role, options.kv_events_config, {
    publisher: 'zmq',
    topic: 'kv-events',
    enable_kv_cache_events: true,
  });
  return [
    'python3',
    '-m',
    'dynamo.vllm',
    '--model',
    place.model.path,
    '--served-model-name',
    place.model.name,
    ...(role === 'agg' ? [] : ['--disaggregation-mode', role]),
    ...(typeof connector === 'string' && !['', 'null', 'none'].includes(connector)
      ? ['--kv-transfer-config', transferOf(connector)]
      : []),
    ...devicesOf(options, process),
    ...flags,
    '--request-plane',
    place.requestPlane,
    '--dump-config-to',
    `${place.logs}/${node}_config.json`,
    ...(events === undefined
      ? []
      : ['--kv-events-config', pythonJson({ ...events, endpoint: `tcp://*:${process.kvEventsPort}` })]),
    ...flagsOf(withoutFlags(own, left)),
  ];
}

/** How the processes of a worker find each other, and the options of the recipe that this replaces. */
function coordinationOf(
  options: Options,
  { process, worker }: ProcessOfWorker,
  place: JobPlace,
): { readonly flags: readonly string[]; readonly left: ReadonlySet<string> } {
  const { own, isDataParallel, replica } = sizesOf(options, process.role);
  const nodes = nodesOfWorker(worker);
  const leader = place.addressOf(nodes[0] ?? process.node);
  const follows = nodes.indexOf(process.node) > 0 ? ['--headless'] : [];
  if (!isDataParallel) {
    const flags = nodes.length > 1 ? [...rendezvousOf(nodes, process.node, place), ...follows] : [];
    return { flags, left: connectorOnly };
  }
  const port = process.dataParallelPort ?? flagValue(own, 'data-parallel-rpc-port') ?? dataParallelPort;
  const meeting = ['--data-parallel-address', leader, '--data-parallel-rpc-port', String(port)];
  if (options.dp_launch_mode === 'per_gpu')
    return { flags: ['--data-parallel-rank', String(process.rank), ...meeting], left: decidedForOneRank };
  const local = process.gpus.length;
  const flags =
    replica > local
      ? [...rendezvousOf(nodes, process.node, place), ...meeting, ...follows]
      : [
          '--data-parallel-size-local',
          String(local / replica),
          '--data-parallel-start-rank',
          String(process.rank),
          ...meeting,
          '--data-parallel-hybrid-lb',
        ];
  return { flags, left: decidedForRanks };
}

function rendezvousOf(nodes: readonly string[], node: string, place: JobPlace): string[] {
  return [
    '--master-addr',
    place.addressOf(nodes[0] ?? node),
    '--nnodes',
    String(nodes.length),
    '--node-rank',
    String(nodes.indexOf(node)),
  ];
}

/** vLLM gets the numbers of its GPUs, unless it is too old for that. */
function devicesOf({ set_cuda_visible_devices: byVariable }: Options, { gpus }: WorkerProcess): string[] {
  return byVariable ? [] : ['--device-ids', gpus.join(',')];
}

function transferOf(connector: string): string {
  const known = connectors[connector.toLowerCase()];
  return known === undefined ? connector : pythonJson(known);
}

const storeFile = 'mooncake_store_config.json';

function storeOf({
  container,
  env,
  master_extra_args: extra,
  store_config: config,
}: NonNullable<Options['mooncake_kv_store']>): KvStore {
  return {
    ...defined({ container: container ?? undefined }),
    arguments: extra,
    environmentOn: (node, place) => ({
      ...mooncakeEnvironment(node, env, place),
      MOONCAKE_CONFIG_PATH: inContainer(storeFile),
    }),
    files: ({ addressOf, infra }) => ({
      [storeFile]: { ...config, master_server_address: `${addressOf(infra)}:${mooncakePorts.rpc}` },
    }),
  };
}

/** A worker per node has its own followers, so a recipe cannot say which processes follow. */
function refusalOf(options: Options) {
  if (options.dp_launch_mode === 'per_gpu') return undefined;
  const { vllm_config: all } = options;
  const role = Object.entries(all ?? {}).find(
    ([, own]) =>
      own != null &&
      flagValue(own, 'data-parallel-size') !== undefined &&
      flagValue(own, 'headless') !== undefined,
  )?.[0];
  if (role === undefined) return undefined;
  return {
    path: ['backend', 'vllm_config', role, 'headless'],
    message: 'is decided by the layout of data-parallel ranks; remove it',
  };
}

/** vLLM behind Dynamo, or `vllm serve` by itself; data-parallel ranks of a node share a process. */
export const vllm = schema.transform((options): SrtBackend => {
  const store = options.mooncake_kv_store;
  return {
    type: options.type,
    launchesWholeWorkers: false,
    ...defined({
      servedModelName: servedModelName(options.vllm_config),
      refusal: refusalOf(options),
      kvStore: store == null ? undefined : storeOf(store),
    }),
    usesGrpc: () => false,
    sharesNodes: (neededGpus, gpusPerNode) =>
      options.allow_prefill_decode_colocation &&
      (neededGpus <= gpusPerNode || options.allow_prefill_decode_colocation_across_nodes),
    environmentOf: (role) => environmentOf(role, options),
    processesOf: (endpoint, ports, frontend) => processesOf(options, endpoint, ports, frontend),
    argvOf: (one, place) => argvOf(options, one, place),
    environmentOfProcess: ({ kvEventsPort, nixlPort, node, systemPort }, { addressOf }) => ({
      DYN_VLLM_KV_EVENT_PORT: String(kvEventsPort),
      VLLM_NIXL_SIDE_CHANNEL_PORT: String(nixlPort),
      VLLM_NIXL_SIDE_CHANNEL_HOST: addressOf(node),
      VLLM_PORT: String(vllmPortOf(systemPort)),
    }),
    usesKvStore: (['prefill', 'decode'] as const).some((role) => {
      const transfer = flagValue(optionsOf(role, options.vllm_config), 'kv-transfer-config');
      return typeof transfer === 'string' && /mooncake/i.test(transfer);
    }),
    limitsVisibleDevices: options.set_cuda_visible_devices,
    // On several nodes, ranks would race for the same ports.
    unsetOnSeveralNodes: ['VLLM_PORT'],
    files: () => ({}),
  };
});
