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
import type { Replayer } from './replayed-point.ts';
import type { SessionWork } from './session-work.ts';
import type { SweepDirectory } from './sweep-directory.ts';

/** Services that every part of a sweep uses; they never change. */
export interface SweepServices {
  readonly sweepId: string;
  readonly directory: SweepDirectory;
  readonly rules: FailureRules;
  readonly clock: JournalClock;
  /** The seconds of each point that the engine is profiled; absent if it is not. */
  readonly profileS?: number;
  /** Appends to the journal, then reports the event. */
  readonly record: (event: JournalEvent) => Promise<void>;
  readonly tell: (event: SweepEvent) => void;
}

/** The tools that do the work of a sweep; tests replace some of them. */
export interface SweepTools {
  readonly engineFor: (framework: string) => Engine;
  readonly provision: (
    session: EngineSession,
    node: SweepNode,
    context: { readonly signal: AbortSignal; readonly onProgress: (progress: ProvisionProgress) => void },
  ) => Promise<Artifacts>;
  readonly measure: LoadTester;
  readonly replay: Replayer;
  readonly hooks?: SessionHooks;
  /** Facts about InferenceMAX and this machine for every raw result. */
  readonly provenance: Readonly<Record<string, unknown>>;
}

/** An engine and its weights, at paths on the node that will run it. */
export interface Artifacts {
  /** Absent if the engine is a container image. */
  readonly engineDir?: string;
  /** The program that starts an engine that was installed by the user. */
  readonly program?: string;
  /** Environment that an installed engine needs; the pool's variables take precedence. */
  readonly env?: Readonly<Record<string, string>>;
  /** The address of an external server; nothing is started. */
  readonly server?: string;
  readonly modelPath: string;
  /** Exact versions of what was provisioned, for the raw results. */
  readonly provenance: {
    readonly image?: Readonly<Record<string, unknown>>;
    readonly model?: Readonly<Record<string, unknown>>;
  };
}

/** One session on one node. */
export interface SessionTask {
  readonly work: SessionWork;
  readonly node: SweepNode;
  readonly chooser: Chooser;
  /** Whether other sessions may run at the same time. */
  readonly besideOthers: boolean;
  /** Whether another node could still do the rest of the session. */
  readonly canMove: () => boolean;
  /** Nodes that the cluster must not choose for the session, if it chooses nodes itself. */
  readonly exclude: readonly string[];
  /** Whether the time budget is used up; checked before each point. */
  readonly outOfTime: () => boolean;
  readonly signal: AbortSignal;
}

/** How a session ended on its node. */
export interface SessionEnd {
  /** Everything is done, the rest needs another node, the rest has to wait, or the time budget is used up. */
  readonly how: 'done' | 'other-node' | 'later' | 'no-time';
  /** For `later`: the wait in seconds. */
  readonly waitS?: number;
  /** The nodes it had, by the cluster's names, if the cluster chose them. */
  readonly nodes: readonly string[];
  /** All failures on the node. */
  readonly failures: readonly Failure[];
  /** An error that only the user can fix, such as a port that is in use. */
  readonly refusal?: InputError;
}
