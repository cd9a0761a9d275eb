import type { Engine } from '../engines/index.ts';
import type { InputError } from '../errors.ts';
import type { Failure, FailureRules } from '../failures/index.ts';
import type { EngineSession } from '../plan/index.ts';
import type { ProvisionProgress } from '../provision/index.ts';
import type { Chooser } from './adaptive.ts';
import type { SweepEvent } from './events.ts';
import type { SessionHooks } from './hooks.ts';
import type { JournalClock, JournalEvent } from './journal.ts';
import type { LoadTester } from './measure-point.ts';
import type { SweepNode } from './node.ts';
import type { SessionWork } from './session-work.ts';
import type { SweepDirectory } from './sweep-directory.ts';

/** What every part of a sweep uses, the same from its beginning to its end. */
export interface SweepServices {
  readonly sweepId: string;
  readonly directory: SweepDirectory;
  readonly rules: FailureRules;
  readonly clock: JournalClock;
  /** Appends to the journal, then tells whoever watches. */
  readonly record: (event: JournalEvent) => Promise<void>;
  readonly tell: (event: SweepEvent) => void;
}

/** What does the work of a sweep; tests stand in for any of it. */
export interface SweepTools {
  readonly engineFor: (framework: string) => Engine;
  readonly provision: (
    session: EngineSession,
    node: SweepNode,
    context: { readonly signal: AbortSignal; readonly onProgress: (progress: ProvisionProgress) => void },
  ) => Promise<Artifacts>;
  readonly measure: LoadTester;
  readonly hooks?: SessionHooks;
  /** Facts about this product and this machine for every raw result. */
  readonly provenance: Readonly<Record<string, unknown>>;
}

/** An engine and its weights, where the node that will run it finds them. */
export interface Artifacts {
  /** Absent where the engine comes in a container image. */
  readonly engineDir?: string;
  /** The program that starts it, of an engine that was installed by somebody else. */
  readonly program?: string;
  /** What such an engine needs in its environment; the pool's own variables win. */
  readonly env?: Readonly<Record<string, string>>;
  /** The address of a server that somebody else runs: nothing is started. */
  readonly server?: string;
  readonly modelPath: string;
  /** What exactly was provisioned, for the raw results. */
  readonly provenance: {
    readonly image?: Readonly<Record<string, unknown>>;
    readonly model?: Readonly<Record<string, unknown>>;
  };
}

/** What is being done: one session on one node. */
export interface SessionTask {
  readonly work: SessionWork;
  readonly node: SweepNode;
  readonly chooser: Chooser;
  /** Whether other sessions may run at the same time. */
  readonly besideOthers: boolean;
  /** Whether another node could still do what is left of the session. */
  readonly canMove: () => boolean;
  /** Nodes of the place that the session must not get, where the place chooses nodes itself. */
  readonly exclude: readonly string[];
  /** Whether the time budget is used up; asked before each point. */
  readonly outOfTime: () => boolean;
  readonly signal: AbortSignal;
}

/** Why a session leaves its node. */
export interface SessionEnd {
  /** Nothing is left, what is left is for another node or for later, or the time is over. */
  readonly how: 'done' | 'other-node' | 'later' | 'no-time';
  /** Of `later`: the wait until then, seconds. */
  readonly waitS?: number;
  /** The nodes it had, by the names the place gives them, where the place chose them. */
  readonly nodes: readonly string[];
  /** Everything that went wrong on the node. */
  readonly failures: readonly Failure[];
  /** What a node refused for a reason that its user must remove, such as a port that is taken. */
  readonly refusal?: InputError;
}
