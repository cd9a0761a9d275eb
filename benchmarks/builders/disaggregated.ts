import { InputError } from '../../src/errors.ts';
import { isMultiNode, type MultiNodeEntry, type WorkerGroup } from '../../src/matrix/index.ts';
import type { Recipe, StartPoint, WorkerSpec } from '../../src/plan/index.ts';
import { argv, type Flags } from './flags.ts';

/** The inputs for the flags of one phase's workers. */
export interface PhaseWorkers {
  readonly role: WorkerSpec['role'];
  readonly group: WorkerGroup;
  readonly nodesPerWorker: number;
  readonly acceleratorsPerWorker: number;
  readonly isl: number;
  readonly osl: number;
  readonly maxModelLen: number;
  /** The `NAME=value` settings of both phases, which the public scripts export. */
  readonly settings: Settings;
}

/** A worker's flags and the files that they name. */
export interface Worker {
  readonly flags: Flags;
  readonly files?: WorkerSpec['files'];
}

interface Disaggregated {
  /** The nodes of one worker, and the total number of accelerators that it uses on them. */
  readonly size: (
    group: WorkerGroup,
    role: WorkerSpec['role'],
    settings: Settings,
  ) => {
    readonly nodesPerWorker: number;
    readonly acceleratorsPerWorker: number;
  };
  readonly worker: (phase: PhaseWorkers) => Worker;
  readonly env?: Readonly<Record<string, string>>;
}

/** A recipe for an engine with separate prefill and decode workers on several nodes. */
export function disaggregated({ size, worker, env = {} }: Disaggregated): Recipe {
  return {
    server: (point) => {
      const entry = multiNodeEntry(point);
      const settings = Settings.of(entry);
      const workers = (['prefill', 'decode'] as const).map((role): WorkerSpec => {
        const group = entry[role];
        const { nodesPerWorker, acceleratorsPerWorker } = size(group, role, settings);
        const { isl, osl, 'max-model-len': maxModelLen } = entry;
        const shape = { isl, osl, maxModelLen, nodesPerWorker, acceleratorsPerWorker };
        const { flags, files = [] } = worker({ role, group, settings, ...shape });
        const count = group['num-worker'];
        return { role, count, nodesPerWorker, acceleratorsPerWorker, args: argv(flags), env: {}, files };
      });
      return {
        args: [],
        env: { ...settings.all, ...env },
        files: [],
        acceleratorCount: workers.reduce((sum, spec) => sum + spec.count * spec.acceleratorsPerWorker, 0),
        disaggregated: { workers, frontends: 1 + settings.numberOr('N_ADDITIONAL_FRONTENDS', 0) },
      };
    },
    client: ({ entry }) => ({ useChatTemplate: entry['spec-decoding'] === 'mtp' }),
  };
}

function multiNodeEntry({ entry }: StartPoint): MultiNodeEntry {
  if (isMultiNode(entry)) return entry;
  throw new InputError(
    `${entry['exp-name']} on ${entry.runner}: ${entry.framework} runs prefill and decode apart, and the entry is for one node`,
    'set multinode: true, with prefill and decode in the search space',
  );
}

/** Nodes per worker, if the entry has the total for the phase. */
export function evenNodes(group: WorkerGroup, setting: string, settings: Settings): number {
  const nodes = settings.number(setting);
  const workers = group['num-worker'];
  if (nodes % workers === 0) return nodes / workers;
  throw new InputError(
    `${setting}=${nodes} does not divide among ${workers} workers`,
    'each worker has whole nodes',
  );
}

/** The additional settings of an entry: `NAME=value` strings. */
export class Settings {
  readonly all: Readonly<Record<string, string>>;

  private constructor(all: Readonly<Record<string, string>>) {
    this.all = all;
  }

  static of({ prefill, decode }: MultiNodeEntry): Settings {
    const pairs = [prefill, decode].flatMap((group) => group['additional-settings'] ?? []);
    return new Settings(Object.fromEntries(pairs.map(pair)));
  }

  text(name: string): string | undefined {
    return this.all[name];
  }

  number(name: string): number {
    const text = this.all[name];
    const value = Number(text);
    if (text !== undefined && text.trim() !== '' && Number.isFinite(value)) return value;
    throw new InputError(
      text === undefined
        ? `additional-settings lack ${name}`
        : `additional-settings: ${name} is not a number: '${text}'`,
      `add "${name}=<number>"`,
    );
  }

  numberOr(name: string, otherwise: number): number {
    return this.all[name] === undefined ? otherwise : this.number(name);
  }
}

function pair(setting: string): [string, string] {
  const equals = setting.indexOf('=');
  if (equals > 0) return [setting.slice(0, equals), setting.slice(equals + 1)];
  throw new InputError(`additional-settings: '${setting}' is not NAME=value`);
}
