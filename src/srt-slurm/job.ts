import { defined } from '../defined/defined.ts';
import { InputError } from '../errors.ts';
import { mooncakeMaster } from './backends/mooncake.ts';
import { type ClientPlace, clientOf } from './client.ts';
import { dynamoEnvironment, recipeEnvironment } from './environment.ts';
import type { FrontendPlace, SrtFrontend } from './frontends/frontend.ts';
import { frontendOf } from './frontends/list.ts';
import type { JobPlace } from './job-place.ts';
import { nginxConfig } from './nginx.ts';
import { type JobNodes, placeOf, sharesNodes } from './placement.ts';
import { internalFrontendPort, kvbmPortsOf, PortAllocation, publicPort } from './ports.ts';
import type { SrtRecipe } from './recipe-schema.ts';
import { workerGroups } from './resources.ts';
import { type Endpoint, isLeader, placed, type WorkerProcess } from './topology.ts';

/** A process of a job, on the nodes where one launch starts it. */
export interface JobProcess {
  readonly role: 'infra' | 'kv-store' | 'prefill' | 'decode' | 'agg' | 'frontend' | 'client';
  /** The number of its worker within its role. */
  readonly index?: number;
  readonly nodes: readonly string[];
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Variables that it must not inherit. */
  readonly unset?: readonly string[];
  /** Its image, if it is not that of the model. */
  readonly container?: string;
  /** Ranks that the launch starts, if it is more than one. */
  readonly ranks?: number;
  readonly mpi?: 'pmix';
  /** Slurm's binding to CPUs. */
  readonly cpuBind?: string;
  /** A script that runs in the container before the process. */
  readonly setupScript?: string;
  /** Whether Dynamo is installed in the container before the process starts. */
  readonly installsDynamo?: true;
}

/** All processes of a recipe, in the order in which they start, and the files that they read. */
export interface Job {
  readonly nodes: readonly string[];
  readonly processes: readonly JobProcess[];
  /** Files of the folder of logs, by name: text, or a value to write as JSON or YAML by the name's ending. */
  readonly files: Readonly<Record<string, unknown>>;
}

/**
 * Everything that runs for a recipe, with exact commands. Throws InputError for a recipe whose workers do not fit its
 * nodes.
 *
 * @example
 * const job = jobOf(recipe, { nodes: ['n0', 'n1'], addressOf: (node) => node, logs: '/shared/logs' });
 */
export function jobOf(recipe: SrtRecipe, given: JobNodes): Job {
  const kind = frontendOf(recipe.frontend.type);
  if (kind === undefined)
    throw new InputError(`there is no frontend ${recipe.frontend.type}`, undefined, { code: 'bad-config' });
  const place = placeOf(recipe, given);
  const groups = workerGroups(recipe.resources);
  const endpoints = placed(groups, place.workers, {
    gpusPerNode: recipe.resources.gpus_per_node,
    spread: recipe.resources.spread_workers,
    shareNodes: sharesNodes(recipe),
  });
  const ports = new PortAllocation();
  const workers = endpoints.map((endpoint) => ({
    endpoint,
    processes: recipe.backend.processesOf(endpoint, ports, recipe.frontend.type),
  }));
  const leaders = workers.flatMap(({ processes }) => processes.filter(isLeader));
  const front = frontsOf(recipe, place, leaders);
  const client = clientProcess(recipe, { ...front, kind, publicNode: publicNodeOf(kind, front) }, place);
  const roles = groups.filter(({ count }) => count > 0).map(({ role }) => role);
  return {
    nodes: given.nodes,
    processes: [
      ...services(recipe, kind, place),
      ...workers.flatMap((worker) => workerProcesses(recipe, worker, { ...place, kind })),
      ...frontendProcesses(recipe, kind, front),
      ...client,
    ],
    files: {
      ...recipe.backend.files(roles),
      ...recipe.backend.kvStore?.files(place),
      ...kind.files(front),
      ...balancerFile(recipe, front),
    },
  };
}

/** etcd, NATS and a KV store. */
function services(recipe: SrtRecipe, kind: SrtFrontend, place: JobPlace): JobProcess[] {
  const { nats_max_payload_mb: payload } = recipe.infra;
  const store = recipe.backend.kvStore;
  const on = { nodes: [place.infra], env: {} };
  const infra: JobProcess = {
    role: 'infra',
    ...on,
    argv: [
      'python3',
      '/tmp/setup_head.py',
      '--name',
      recipe.name,
      '--log-dir',
      place.logs,
      ...(payload == null ? [] : ['--nats-max-payload-mb', String(payload)]),
    ],
  };
  const needed = kind.usesDynamo ? [infra] : [];
  if (store === undefined) return needed;
  const { container, arguments: extra } = store;
  return [...needed, { role: 'kv-store', ...on, argv: mooncakeMaster(extra), ...defined({ container }) }];
}

interface PlacedWorker {
  readonly endpoint: Endpoint;
  readonly processes: readonly WorkerProcess[];
}

function workerProcesses(
  recipe: SrtRecipe,
  { endpoint, processes }: PlacedWorker,
  place: JobPlace & { readonly kind: SrtFrontend },
): JobProcess[] {
  const { backend } = recipe;
  const launched = backend.launchesWholeWorkers ? processes.filter(isLeader) : processes;
  const prepared = defined({
    setupScript: recipe.setup_script ?? undefined,
    installsDynamo: place.kind.usesDynamo && recipe.dynamo.install ? (true as const) : undefined,
  });
  const ranks = endpoint.nodes.length * endpoint.gpus.length;
  return launched.map((process) => ({
    role: process.role,
    index: process.index,
    nodes: backend.launchesWholeWorkers ? endpoint.nodes : [process.node],
    argv: backend.argvOf({ process, worker: processes }, place),
    env: workerEnvironment(recipe, { process, processes }, place),
    ...prepared,
    ...defined(backend.launchesWholeWorkers ? wholeLaunch(ranks) : { unset: unsetBy(backend, endpoint) }),
  }));
}

/** A launch through MPI, with a rank for each GPU. */
function wholeLaunch(ranks: number) {
  return { ranks: ranks > 1 ? ranks : undefined, mpi: 'pmix' as const, cpuBind: 'verbose,none' };
}

function unsetBy({ unsetOnSeveralNodes: names }: SrtRecipe['backend'], { nodes }: Endpoint) {
  return nodes.length > 1 && names.length > 0 ? names : undefined;
}

function workerEnvironment(
  recipe: SrtRecipe,
  { process, processes }: { readonly process: WorkerProcess; readonly processes: readonly WorkerProcess[] },
  place: JobPlace,
): Record<string, string> {
  const { backend, dynamo, resources } = recipe;
  const { node, role, gpus, systemPort } = process;
  const written = { ...backend.environmentOf(role), ...recipeEnvironment(recipe) };
  // A launch for several nodes cannot have values of one of them.
  const names = backend.launchesWholeWorkers
    ? undefined
    : new Map([
        ['node', node],
        ['node_id', String(place.workers.indexOf(node))],
      ]);
  const partOfNode = gpus.length < resources.gpus_per_node;
  return withKvbm(
    {
      HEAD_NODE_IP: place.addressOf(place.head),
      ...dynamoEnvironment(place.infra),
      DYN_SYSTEM_PORT: String(systemPort),
      ...defined({
        DYN_REQUEST_PLANE: backend.launchesWholeWorkers ? undefined : dynamo.request_plane,
        DYN_EVENT_PLANE: dynamo.event_plane ?? undefined,
      }),
      DYN_LOG: workerLog,
      ...filledIn(written, names),
      ...defined({
        CUDA_VISIBLE_DEVICES: backend.limitsVisibleDevices && partOfNode ? gpus.join(',') : undefined,
      }),
      ...backend.environmentOfProcess(process, place),
      ...backend.kvStore?.environmentOn(node, place),
    },
    processes,
    place,
  );
}

const workerLog = 'info,dynamo_runtime::pipeline::network::ingress::push_handler=warn';

/** Fills in `{node}` and `{node_id}`; other names in braces stay, and doubled braces become single ones. */
function filledIn(
  env: Readonly<Record<string, string>>,
  names: ReadonlyMap<string, string> | undefined,
): Readonly<Record<string, string>> {
  if (names === undefined) return env;
  return Object.fromEntries(
    Object.entries(env).map(([key, value]) => [
      key,
      value.replaceAll(/\{\{|\}\}|\{(\w+)\}/g, (part, name: string | undefined) =>
        name === undefined ? part.slice(1) : (names.get(name) ?? part),
      ),
    ]),
  );
}

/** KVBM's control sockets: on one node its defaults do, but workers of one node need different ports. */
function withKvbm(
  env: Record<string, string>,
  processes: readonly WorkerProcess[],
  place: JobPlace,
): Record<string, string> {
  const [leader] = processes;
  if (env.DYN_CONNECTOR?.toLowerCase() !== 'kvbm' || leader === undefined) return env;
  const { publish, acknowledge } = kvbmPortsOf(leader.kvEventsPort);
  const severalNodes = new Set(processes.map(({ node }) => node)).size > 1;
  return {
    ...defined({ DYN_KVBM_LEADER_ZMQ_HOST: severalNodes ? place.addressOf(leader.node) : undefined }),
    DYN_KVBM_LEADER_ZMQ_PUB_PORT: String(publish),
    DYN_KVBM_LEADER_ZMQ_ACK_PORT: String(acknowledge),
    ...env,
  };
}

/** One frontend on the head, or several on other nodes behind a load balancer. */
function frontsOf(recipe: SrtRecipe, place: JobPlace, leaders: readonly WorkerProcess[]): FrontendPlace {
  const { frontend } = recipe;
  const single = place.workers.length === 1 || !frontend.enable_multiple_frontends;
  const others = place.workers.filter((node) => node !== place.head);
  return {
    ...place,
    recipe,
    leaders,
    frontends: single
      ? [nodeFor(frontend.orchestrator_placement, place.head, leaders)]
      : others.slice(0, frontend.num_additional_frontends + 1),
    port: single ? publicPort : internalFrontendPort,
  };
}

/** The node of a service that the recipe places beside decode workers. */
function nodeFor(
  where: SrtRecipe['frontend']['orchestrator_placement'],
  head: string,
  leaders: readonly WorkerProcess[],
): string {
  if (where === 'head') return head;
  const decode = leaders.filter(({ role }) => role === 'decode').map(({ node }) => node);
  return (where === 'first_decode' ? decode[0] : [...new Set(decode)].at(-1)) ?? head;
}

function publicNodeOf(kind: SrtFrontend, front: FrontendPlace): string {
  const { recipe, head, leaders } = front;
  const worker = leaders.find(({ role }) => role === 'agg');
  if (kind.process(front) === undefined && worker !== undefined) return worker.node;
  return nodeFor(recipe.frontend.orchestrator_placement, head, leaders);
}

function frontendProcesses(recipe: SrtRecipe, kind: SrtFrontend, front: FrontendPlace): JobProcess[] {
  const one = kind.process(front);
  const processes = front.frontends.flatMap((node): JobProcess[] => {
    if (one === undefined) return [];
    const { argv, env, mpi, prepares } = one;
    return [
      {
        role: 'frontend',
        nodes: [node],
        argv,
        env,
        ...defined({
          mpi,
          setupScript: prepares ? (recipe.setup_script ?? undefined) : undefined,
          installsDynamo: prepares && recipe.dynamo.install ? (true as const) : undefined,
        }),
      },
    ];
  });
  if (!isBalanced(front)) return processes;
  const limit = recipe.frontend.nginx_raise_ulimit ? 'ulimit -n 1048576 && ' : '';
  const balancer: JobProcess = {
    role: 'frontend',
    nodes: [front.head],
    argv: ['bash', '-c', `${limit}nginx -c /logs/${balancerName} -g 'daemon off;'`],
    env: {},
    container: recipe.frontend.nginx_container,
  };
  return [balancer, ...processes];
}

const balancerName = 'nginx.conf';

function isBalanced({ port }: FrontendPlace): boolean {
  return port !== publicPort;
}

function balancerFile(recipe: SrtRecipe, front: FrontendPlace): Record<string, string> {
  if (!isBalanced(front)) return {};
  const { frontends, addressOf, port } = front;
  const upstream = { frontends: frontends.map(addressOf), frontendPort: port, port: publicPort };
  return { [balancerName]: nginxConfig(recipe, upstream) };
}

function clientProcess(recipe: SrtRecipe, at: ClientPlace, place: JobPlace): JobProcess[] {
  const client = clientOf(at);
  if (client === undefined) return [];
  const { client_placement: where, container_image: container } = recipe.benchmark;
  const node = where === 'head' ? place.client : nodeFor(where, place.head, at.leaders);
  return [{ role: 'client', nodes: [node], ...client, ...defined({ container: container ?? undefined }) }];
}
