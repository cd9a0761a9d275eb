import type { JobPlace } from '../job-place.ts';
import type { SrtRecipe } from '../recipe-schema.ts';
import type { WorkerProcess } from '../topology.ts';

/** Where frontends run. */
export interface FrontendPlace extends JobPlace {
  readonly recipe: SrtRecipe;
  readonly frontends: readonly string[];
  /** The port of each frontend. */
  readonly port: number;
  /** Leaders of workers, in order. */
  readonly leaders: readonly WorkerProcess[];
}

/** A frontend process, the same on each of its nodes. */
export interface FrontendProcess {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Started through MPI. */
  readonly mpi?: 'pmix';
  /** Whether the recipe's setup script and Dynamo's installation run before it. */
  readonly prepares: boolean;
}

/** What stands between clients and workers. */
export interface SrtFrontend {
  readonly type: string;
  /** Whether its workers are Dynamo's, which it finds through etcd. */
  readonly usesDynamo: boolean;
  /** Whether workers can be slowed down while a load begins (`/slow_down`). */
  readonly slowsDown: boolean;
  /** Why a recipe cannot have it; undefined if it can. */
  refusal(recipe: SrtRecipe): string | undefined;
  /** Its process; undefined if the worker itself has the public port. */
  process(place: FrontendPlace): FrontendProcess | undefined;
  /** The port of a worker where clients find its metrics; undefined if it has none. */
  metricsPort(process: WorkerProcess): number | undefined;
  /** Files in the folder of logs, by name. */
  files(place: FrontendPlace): Readonly<Record<string, unknown>>;
}
