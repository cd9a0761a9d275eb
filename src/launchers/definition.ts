import type { z } from 'zod';
import type { Finding } from '../finding.ts';
import type { Host, Runner } from '../hosts/index.ts';
import type { BaseRecord, OpenRecord } from './engine-record.ts';
import type {
  EngineExit,
  ImageIdentity,
  LaunchContext,
  LaunchedStep,
  Launcher,
  LaunchRequest,
  ReserveRequest,
  RunningEngine,
} from './launcher.ts';

/**
 * One kind of place to start engines in: all that the product knows about it, and what is beneath the lifecycle that
 * every launcher has (`lifecycle.ts`).
 */
export interface LauncherDefinition<
  Kind extends string = string,
  Settings extends z.ZodObject = z.ZodObject,
  Extra extends z.ZodRawShape = z.ZodRawShape,
> {
  /** As pools and records write it in `launcher`. */
  readonly kind: Kind;
  /** Its fields in a pool's file beside `launcher`: `host`, `sharedSettings`, and its own. */
  readonly settings: Settings;
  /** What it keeps in an engine's record, beside what every record has. */
  readonly record: Extra;
  /** Whether a session may span nodes; what it holds has `startSteps` then. */
  readonly spansNodes?: true;
  /** Whether the place chooses the nodes of a session itself; it heeds `exclude` of a reserve request then. */
  readonly choosesNodes?: true;
  /** Whether the nodes of a pool are places of one machine, so that each needs a port of its own. */
  readonly nodesShareMachine?: true;
  /** What an engine is in such a place. */
  runs(site: Pick<LaunchSite<Settings, Extra>, 'settings' | 'host'>): Launcher['runs'];
  /** Whether an engine there sees an absolute path of its node; default: it does. */
  sees?(path: string, settings: z.output<Settings>): boolean;
  /** The commands of its host that start an engine, with `placeholders` for what is only known then. */
  commands(
    engine: ShownEngine,
    site: Pick<LaunchSite<Settings, Extra>, 'settings' | 'host'>,
  ): readonly LaunchCommand[];
  /** Takes what a session needs. */
  reserve(
    request: HostedRequest,
    site: LaunchSite<Settings, Extra>,
    context: LaunchContext,
  ): Promise<Held<Extra>>;
  /** Ends what a record of a dead run says, and nothing else. Returns, when it has ended, whether anything was alive. */
  endLeftover(
    record: BaseRecord & z.output<z.ZodObject<Extra>>,
    site: LaunchSite<Settings, Extra>,
  ): Promise<boolean>;
  /** What a sweep would meet, for the doctor; `file` is where the settings are written, `node` the one of the place to look at. */
  examine(
    site: Pick<LaunchSite<Settings, Extra>, 'settings' | 'host'>,
    file: string,
    node?: string,
  ): Promise<readonly Finding[]>;
  /** Whether an image can be had there and run there; absent where the place cannot tell without bringing it. */
  examineImage?(
    image: string,
    site: Pick<LaunchSite<Settings, Extra>, 'settings' | 'host'>,
  ): Promise<Finding>;
}

/** An engine whose start is shown before there is anything to start it in. */
export interface ShownEngine extends Omit<ReserveRequest, 'workDir'> {
  /** The command of an engine of one process group; empty for one of several `steps`. */
  readonly argv: readonly string[];
  readonly steps?: readonly LaunchedStep[];
  /** All that the launcher adds to the engine's environment: secrets are in it by their names alone. */
  readonly env: Readonly<Record<string, string>>;
}

/** A command of a host by which an engine is started. */
export interface LaunchCommand {
  /** Of which part of the engine it is, where it has several. */
  readonly step?: string;
  readonly argv: readonly string[];
  /** The variables that the command itself is given. */
  readonly env: Readonly<Record<string, string>>;
}

/** Stand for what is only known when an engine is started; a shell reads them as its variables. */
export const placeholders = {
  folder: '$SESSION_DIR',
  token: '$TOKEN',
  job: '$JOB_ID',
  node: (index: number) => `$NODE_${index}`,
} as const;

/** Where a launcher works. */
export interface LaunchSite<Settings extends z.ZodObject, Extra extends z.ZodRawShape> {
  readonly settings: z.output<Settings>;
  /** The machine on which the launcher's commands are run. */
  readonly host: Host;
  /** Writes a record for what is held longer than one start of an engine. */
  openRecord(sessionId: string, port: number): Promise<OpenRecord<z.output<z.ZodObject<Extra>>>>;
}

/** A reserve request with the session's folder as the host knows it. */
export interface HostedRequest extends ReserveRequest {
  readonly folder: string;
}

/** What a launcher holds for a session. */
export interface Held<Extra extends z.ZodRawShape = z.ZodRawShape> {
  /** By the names the place gives them; node 0 answers requests. */
  readonly nodes: readonly string[];
  /** The same nodes, outside any container. */
  readonly hosts: readonly Host[];
  /** The address by which the launcher's host knows node 0, or 127.0.0.1. */
  address(request: LaunchRequest): Promise<string>;
  /** Present if what is held is recorded already: an engine's start then writes no record of its own. */
  readonly record?: OpenRecord<z.output<z.ZodObject<Extra>>>;
  /** Takes again what was lost since the last start; returns whether anything was. */
  renew?(context: LaunchContext): Promise<boolean>;
  /** Present if sessions run an image that must be brought first. */
  readonly images?: Images;
  /** Starts an engine of one process group, after all checks. Ends whatever it has started if it throws. */
  start(start: EngineStart<Extra>): Promise<StartedEngine>;
  /** Starts an engine of several. */
  startSteps?(steps: readonly LaunchedStep[], start: EngineStart<Extra>): Promise<StartedEngine>;
  /** Gives everything back. */
  release?(): Promise<void>;
}

/** The images of a place. */
export interface Images {
  /** Where an image needs room; undefined if nobody knows. */
  readonly space?: { readonly host: Host; readonly folder: string };
  has(): Promise<boolean>;
  bring(context: LaunchContext): Promise<void>;
  /** Which image it is that is there; absent where the place does not say. */
  identify?(context: LaunchContext): Promise<ImageIdentity | undefined>;
  /** Whether one that this session brought stays when the session is over. */
  readonly keep: boolean;
  remove(): Promise<void>;
}

/** One start of an engine. */
export interface EngineStart<Extra extends z.ZodRawShape = z.ZodRawShape> {
  readonly request: LaunchRequest;
  /** Everything that is added to the engine's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Written before anything is started. */
  readonly record: OpenRecord<z.output<z.ZodObject<Extra>>>;
}

/** An engine whose processes were started. */
export interface StartedEngine {
  /** How it ended and what that means. */
  readonly exited: Promise<EngineExit>;
  /** The logs of its parts, where it has several. */
  readonly stepLogs?: RunningEngine['stepLogs'];
  /** Ends everything that was started; called once. */
  end(): Promise<void>;
  /** See RunningEngine. */
  readonly listener?: RunningEngine['listener'];
  /** Where its processes are seen best, such as inside its container; its nodes are asked after that. */
  readonly inside?: readonly Runner[];
}
