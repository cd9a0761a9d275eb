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

/** One kind of launcher: everything specific to it. `lifecycle.ts` has the lifecycle that all launchers share. */
export interface LauncherDefinition<
  Kind extends string = string,
  Settings extends z.ZodObject = z.ZodObject,
  Extra extends z.ZodRawShape = z.ZodRawShape,
> {
  /** The value of `launcher` in pools and records. */
  readonly kind: Kind;
  /** Its fields in a pool's file, besides `launcher`: `host`, `sharedSettings`, and fields specific to this kind. */
  readonly settings: Settings;
  /** The fields that it adds to the record of an engine. */
  readonly record: Extra;
  /** Whether a session may span nodes; `Held` then has `startSteps`. */
  readonly spansNodes?: true;
  /**
   * Whether the place (such as a cluster) chooses the nodes of a session; it then honors `exclude` in a reserve
   * request.
   */
  readonly choosesNodes?: true;
  /** Whether the nodes of a pool share one machine, so that each needs a different port. */
  readonly nodesShareMachine?: true;
  /** What kind of engine runs there. */
  runs(site: Pick<LaunchSite<Settings, Extra>, 'settings' | 'host'>): Launcher['runs'];
  /** Whether an engine sees an absolute path of its node; default: yes. */
  sees?(path: string, settings: z.output<Settings>): boolean;
  /**
   * The commands that start an engine, as its host runs them, with `placeholders` for values that are not known yet.
   */
  commands(
    engine: ShownEngine,
    site: Pick<LaunchSite<Settings, Extra>, 'settings' | 'host'>,
  ): readonly LaunchCommand[];
  /** Takes the resources of a session. */
  reserve(
    request: HostedRequest,
    site: LaunchSite<Settings, Extra>,
    context: LaunchContext,
  ): Promise<Held<Extra>>;
  /**
   * Stops what the record of a dead run names, and nothing else. Resolves when it has stopped; returns whether anything
   * was alive.
   */
  endLeftover(
    record: BaseRecord & z.output<z.ZodObject<Extra>>,
    site: LaunchSite<Settings, Extra>,
  ): Promise<boolean>;
  /** The address of a node as seen from the launcher's host; default: 127.0.0.1. */
  addressOf?(node: string, host: Host): Promise<string>;
  /**
   * Doctor checks of the place. `file` contains the settings; `node` is the node to check if the place chooses nodes.
   */
  examine(
    site: Pick<LaunchSite<Settings, Extra>, 'settings' | 'host'>,
    file: string,
    node?: string,
  ): Promise<readonly Finding[]>;
  /** Whether the place can pull and run an image; absent if that is unknown without pulling it. */
  examineImage?(
    image: string,
    site: Pick<LaunchSite<Settings, Extra>, 'settings' | 'host'>,
  ): Promise<Finding>;
}

/** An engine whose start commands are shown before anything is reserved. */
export interface ShownEngine extends Omit<ReserveRequest, 'workDir'> {
  /** The command of a single-process-group engine; empty if there are `steps`. */
  readonly argv: readonly string[];
  readonly steps?: readonly LaunchedStep[];
  /** Everything that the launcher adds to the engine's environment; secrets appear by name only. */
  readonly env: Readonly<Record<string, string>>;
}

/** A command that starts an engine, or one step of it. */
export interface LaunchCommand {
  /** The step that it starts, if the engine has several. */
  readonly step?: string;
  readonly argv: readonly string[];
  /** The environment variables of the command itself. */
  readonly env: Readonly<Record<string, string>>;
}

/** Placeholders for values that are known only when an engine starts; a shell reads them as variables. */
export const placeholders = {
  folder: '$SESSION_DIR',
  token: '$TOKEN',
  job: '$JOB_ID',
  node: (index: number) => `$NODE_${index}`,
} as const;

/** The settings, host and records that a launcher works with. */
export interface LaunchSite<Settings extends z.ZodObject, Extra extends z.ZodRawShape> {
  readonly settings: z.output<Settings>;
  /** The machine that runs the launcher's commands. */
  readonly host: Host;
  /** Writes a record for resources that outlive a single engine start. */
  openRecord(sessionId: string, port: number): Promise<OpenRecord<z.output<z.ZodObject<Extra>>>>;
}

/** A reserve request with the path of the session's folder on the host. */
export interface HostedRequest extends ReserveRequest {
  readonly folder: string;
}

/** The resources that a launcher holds for a session. */
export interface Held<Extra extends z.ZodRawShape = z.ZodRawShape> {
  /** Node names as the place defines them; node 0 answers requests. */
  readonly nodes: readonly string[];
  /** The same nodes as hosts, outside any container. */
  readonly hosts: readonly Host[];
  /** The address of node 0 as seen from the launcher's host, or 127.0.0.1. */
  address(request: LaunchRequest): Promise<string>;
  /** Present if the resources are already recorded; starting an engine then writes no further record. */
  readonly record?: OpenRecord<z.output<z.ZodObject<Extra>>>;
  /** Takes again what was lost since the last start; returns whether anything was lost. */
  renew?(context: LaunchContext): Promise<boolean>;
  /** Present if sessions run an image that must be pulled first. */
  readonly images?: Images;
  /** Starts a single-process-group engine, after all checks. If it throws, it has stopped everything it started. */
  start(start: EngineStart<Extra>): Promise<StartedEngine>;
  /** Starts an engine that consists of several steps. */
  startSteps?(steps: readonly LaunchedStep[], start: EngineStart<Extra>): Promise<StartedEngine>;
  /** Releases all resources. */
  release?(): Promise<void>;
}

/** The container image of a session. */
export interface Images {
  /** The disk that stores images; undefined if unknown. */
  readonly space?: { readonly host: Host; readonly folder: string };
  has(): Promise<boolean>;
  bring(context: LaunchContext): Promise<void>;
  /** Identifies the image that is present; absent if the place cannot. */
  identify?(context: LaunchContext): Promise<ImageIdentity | undefined>;
  /** Whether to keep an image that this session pulled after the session ends. */
  readonly keep: boolean;
  remove(): Promise<void>;
}

/** One start of an engine. */
export interface EngineStart<Extra extends z.ZodRawShape = z.ZodRawShape> {
  readonly request: LaunchRequest;
  /** All variables added to the engine's environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Written before anything starts. */
  readonly record: OpenRecord<z.output<z.ZodObject<Extra>>>;
}

/** An engine whose processes were started. */
export interface StartedEngine {
  /** How it ended, and why. */
  readonly exited: Promise<EngineExit>;
  /** The logs of its steps, if it has several. */
  readonly stepLogs?: RunningEngine['stepLogs'];
  /** Stops everything that was started; called once. */
  end(): Promise<void>;
  /** See RunningEngine. */
  readonly listener?: RunningEngine['listener'];
  /** Where to look at its processes first, such as inside its container; its nodes come next. */
  readonly inside?: readonly Runner[];
}
