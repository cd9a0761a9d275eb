import { z } from 'zod';
import { flagValue } from '../flags.ts';
import type { JobPlace } from '../job-place.ts';
import type { PortAllocation } from '../ports.ts';
import { environment, fields, nullable } from '../schema-parts.ts';
import type { Endpoint, WorkerProcess, WorkerRole } from '../topology.ts';
import type { RecipeFields } from '../variants.ts';

/** A process and the other processes of its worker. */
export interface ProcessOfWorker {
  readonly process: WorkerProcess;
  readonly worker: readonly WorkerProcess[];
}

/** A KV store that runs beside etcd and NATS. */
export interface KvStore {
  readonly container?: string;
  readonly arguments: readonly string[];
  /** Variables of the worker processes on a node. */
  environmentOn(node: string, place: JobPlace): Readonly<Record<string, string>>;
  /** Files in the folder of logs, by name. */
  files(place: JobPlace): Readonly<Record<string, unknown>>;
}

/** A serving engine as srt-slurm starts it, with the options of one recipe. */
export interface SrtBackend {
  readonly type: string;
  /** One launch for all nodes of a worker, through MPI, instead of one for each process. */
  readonly launchesWholeWorkers: boolean;
  /** The name of the served model; the recipe's model path decides if it is absent. */
  readonly servedModelName?: string;
  readonly kvStore?: KvStore;
  /** Whether routers reach workers of a role by gRPC. */
  usesGrpc(role: WorkerRole): boolean;
  /** Whether decode workers may share nodes with prefill workers. */
  sharesNodes(neededGpus: number, gpusPerNode: number): boolean;
  environmentOf(role: WorkerRole): Readonly<Record<string, string>>;
  /** The processes of a worker. Throws InputError if its parallel sizes do not fit its GPUs. */
  processesOf(endpoint: Endpoint, ports: PortAllocation, frontend: string): WorkerProcess[];
  argvOf(one: ProcessOfWorker, place: JobPlace): string[];
  /** Variables that only this process has, such as its ports. */
  environmentOfProcess(process: WorkerProcess, place: JobPlace): Readonly<Record<string, string>>;
  /** Whether the process sees only its GPUs by CUDA_VISIBLE_DEVICES, if it does not use all of its node. */
  readonly limitsVisibleDevices: boolean;
  /** Whether prefill or decode workers move their KV cache through the store. */
  readonly usesKvStore: boolean;
  /** An option that contradicts how the job starts its workers. */
  readonly refusal?: { readonly path: readonly string[]; readonly message: string };
  /** Variables that a process must not inherit. */
  readonly unsetOnSeveralNodes: readonly string[];
  /** Files of its workers in the folder of logs, by name. */
  files(roles: readonly WorkerRole[]): Readonly<Record<string, unknown>>;
}

/** What the sections of all backends have in common. */
export const environments = {
  prefill_environment: environment,
  decode_environment: environment,
  aggregated_environment: environment,
};

export interface Environments {
  readonly prefill_environment: Readonly<Record<string, string>>;
  readonly decode_environment: Readonly<Record<string, string>>;
  readonly aggregated_environment: Readonly<Record<string, string>>;
}

export function environmentOf(role: WorkerRole, all: Environments): Readonly<Record<string, string>> {
  return {
    prefill: all.prefill_environment,
    decode: all.decode_environment,
    agg: all.aggregated_environment,
  }[role];
}

/** The options of an engine by role. */
export const optionsByRole = nullable(
  z.strictObject({ prefill: nullable(fields), decode: nullable(fields), aggregated: nullable(fields) }),
);

export type OptionsByRole = z.output<typeof optionsByRole>;

export function optionsOf(role: WorkerRole, options: OptionsByRole | undefined): RecipeFields {
  return options?.[role === 'agg' ? 'aggregated' : role] ?? {};
}

/** The roles in the order in which the name of the served model is looked up. */
const rolesOfNames: readonly WorkerRole[] = ['prefill', 'agg', 'decode'];

/** The name of the served model that the options of a role state; undefined if none does. */
export function servedModelName(options: OptionsByRole | undefined): string | undefined {
  const names = rolesOfNames.map((role) => flagValue(optionsOf(role, options), 'served-model-name'));
  const name = names.find((one) => one !== undefined && one !== '');
  return name === undefined ? undefined : String(name);
}

/** The nodes of a worker, its leader's first. */
export function nodesOfWorker(worker: readonly WorkerProcess[]): string[] {
  return [...new Set(worker.map(({ node }) => node))];
}

export const kvEvents = nullable(z.union([z.boolean(), fields]));

/** What KV-cache events of a role need; undefined if it publishes none. `true` means prefill and decode workers. */
export function kvEventsOf(
  role: WorkerRole,
  events: boolean | RecipeFields | null | undefined,
  defaults: RecipeFields,
): RecipeFields | undefined {
  if (events === true) return role === 'agg' ? undefined : defaults;
  if (typeof events !== 'object' || events === null) return undefined;
  const own = events[role === 'agg' ? 'aggregated' : role];
  if (own === true) return defaults;
  return typeof own === 'object' && own !== null ? { ...defaults, ...own } : undefined;
}

export const mooncake = {
  container: nullable(z.string()),
  env: environment,
  master_extra_args: z.array(z.string()).default([]),
};
