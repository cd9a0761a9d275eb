import { InputError } from '../../src/errors.ts';
import { gpusOfWorker, isMultiNode, isReplayed, type SingleNodeEntry } from '../../src/identity/index.ts';
import type { LauncherKind, Recipe, StartPoint } from '../../src/plan/index.ts';
import { argv, type Flags } from './flags.ts';
import { yamlText } from './yaml-text.ts';

/** The inputs for the flags of a single-node engine. */
export interface SingleNodePoint {
  readonly model: string;
  /** Tensor parallelism. */
  readonly tp: number;
  /** GPUs that the engine uses: tensor parallelism times the other factors. */
  readonly gpus: number;
  /** Expert parallelism. */
  readonly ep: number;
  readonly attentionDp: boolean;
  /** Multi-token prediction as speculative decoding. */
  readonly mtp: boolean;
  /** Tokens. */
  readonly isl: number;
  readonly osl: number;
  readonly maxModelLen: number;
  readonly conc: number;
  /** For caps: the highest concurrency of the engine start. */
  readonly maxConc: number;
  readonly launcher: LauncherKind;
  /** Sessions of coding agents are replayed, which share prefixes: prefix caching is on. */
  readonly replayed: boolean;
  /** Where the KV cache is offloaded to; undefined if nowhere. */
  readonly offload: KvOffload | undefined;
  /** The router in front of the engine, by its name. */
  readonly router: string | undefined;
}

/** Offloading of the KV cache to host memory. */
export interface KvOffload {
  readonly backend: string;
  /** Host memory for it, GB (10⁹ bytes). */
  readonly dramGb: number;
}

/** Requests that an engine must expect at the same time: agents work in parallel, so there may be more than sessions. */
export function requestsInFlight({
  replayed,
  maxConc,
}: Pick<SingleNodePoint, 'replayed' | 'maxConc'>): number {
  return replayed ? 2 * maxConc : maxConc;
}

/** A server: its flags, environment variables, and the YAML files that its flags name. */
export interface SingleNodeServer {
  readonly flags: Flags;
  readonly env?: Readonly<Record<string, string>>;
  readonly yaml?: Readonly<Record<string, object>>;
}

/** A recipe for a single-node engine. */
export function singleNode(
  server: (point: SingleNodePoint) => SingleNodeServer,
  rest: Omit<Recipe, 'server'> = {},
): Recipe {
  return {
    server: (start) => {
      const point = singleNodePoint(start);
      const { flags, env = {}, yaml = {} } = server(point);
      const files = Object.entries(yaml).map(([path, value]) => ({
        path,
        content: yamlText(value, { lineWidth: 0 }),
      }));
      return { args: argv(flags), env, files, acceleratorCount: point.gpus };
    },
    ...rest,
  };
}

function singleNodePoint({ entry, conc, maxConc, launcher }: StartPoint): SingleNodePoint {
  if (isMultiNode(entry)) {
    throw new InputError(
      `${entry['exp-name']} on ${entry.runner}: ${entry.framework} runs on one node, and the entry asks for several`,
      'set multinode: false, or name a disaggregated framework',
    );
  }
  return {
    model: entry.model,
    tp: entry.tp,
    gpus: gpusOfWorker(entry),
    ep: entry.ep,
    attentionDp: entry['dp-attn'],
    mtp: entry['spec-decoding'] === 'mtp',
    isl: entry.isl,
    osl: entry.osl,
    maxModelLen: entry['max-model-len'],
    conc,
    maxConc,
    launcher,
    replayed: isReplayed(entry),
    offload: offloadOf(entry),
    router: entry.router?.name,
  };
}

function offloadOf(entry: SingleNodeEntry): KvOffload | undefined {
  const { 'kv-offload-backend': backend, 'total-cpu-dram-gb': dramGb = 0 } = entry;
  return backend === undefined ? undefined : { backend: backend.name, dramGb };
}

/** Whether the shape is 1,024 tokens in and out, for which many public scripts use different flags. */
export function is1k1k({ isl, osl }: Pick<SingleNodePoint, 'isl' | 'osl'>): boolean {
  return isl === 1024 && osl === 1024;
}
