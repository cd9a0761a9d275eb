import { hostname } from 'node:os';
import type { z } from 'zod';
import { vendorNamed } from '../accelerators/index.ts';
import { writeFileAtomically } from '../atomic-file.ts';
import { defined } from '../defined/defined.ts';
import { type Fault, InputError } from '../errors.ts';
import type { Finding } from '../finding.ts';
import { freeBytesAt, type Host, HostFailure, type Runner } from '../hosts/index.ts';
import type { RedfishAccess } from '../telemetry/index.ts';
import {
  type EngineStart,
  type Held,
  type HostedRequest,
  type Images,
  type LaunchCommand,
  type LauncherDefinition,
  type LaunchSite,
  placeholders,
  type ShownEngine,
} from './definition.ts';
import { deviceActivity } from './device-activity.ts';
import { EngineFailure } from './engine-failure.ts';
import { stacksFile } from './engine-log.ts';
import { type EngineRecords, tokenVariable } from './engine-record.ts';
import { engineVariables, shownVariables } from './engine-variables.ts';
import { examineExporters, reachExporters } from './exporters.ts';
import { deviceTrouble, refuseBrokenDevices, waitUntilIdle } from './idle.ts';
import type {
  EndedOrphan,
  ImageIdentity,
  LaunchContext,
  Launcher,
  LaunchRequest,
  ReachedExporters,
  Reservation,
  ReserveRequest,
  RunningEngine,
  WorkFiles,
} from './launcher.ts';
import { lockHolder } from './lock-holder.ts';
import { refuseTakenPort } from './port.ts';
import { processActivity } from './process-activity.ts';
import { examineRedfish, redfishAccess } from './redfish.ts';
import { type LauncherSettings, launcherSettings } from './settings.ts';
import { workFilesBelow } from './work-files.ts';

/** Any kind of launcher, with untyped settings; they are parsed by its schema. */
export interface AnyLauncher<Kind extends string = string> {
  readonly kind: Kind;
  readonly settings: z.ZodObject;
  readonly record: z.ZodRawShape;
  readonly spansNodes: boolean;
  readonly nodesShareMachine: boolean;
  readonly choosesNodes: boolean;
  sees(path: string, settings: unknown): boolean;
  /** The commands that start an engine on its host, with placeholders for values that are not known yet. */
  commands(engine: ShownEngine, settings: unknown, host: Host): readonly LaunchCommand[];
  /** Creates a launcher with these settings on a host. */
  open(settings: unknown, host: Host, context: LauncherContext): Launcher;
  examine(settings: unknown, host: Host, file: string, node?: string): Promise<readonly Finding[]>;
  /** Undefined if the place cannot tell. */
  examineImage(image: string, settings: unknown, host: Host): Promise<Finding | undefined>;
}

/** What launchers need from the sweep that uses them. */
export interface LauncherContext {
  /** Records of all started engines, shared by all runs that use this folder. */
  readonly records: EngineRecords;
  /** The kinds whose sessions may span nodes; error messages suggest them. */
  readonly kindsForSeveralNodes: readonly string[];
}

/** Creates a launcher from a definition. The lifecycle of an engine is implemented here, once for all kinds. */
export function defineLauncher<
  Kind extends string,
  Settings extends z.ZodObject,
  Extra extends z.ZodRawShape,
>(definition: LauncherDefinition<Kind, Settings, Extra>): AnyLauncher<Kind> {
  const { kind, settings: schema, record, spansNodes = false, nodesShareMachine = false } = definition;
  return {
    kind,
    settings: schema,
    record,
    spansNodes,
    nodesShareMachine,
    choosesNodes: definition.choosesNodes === true,
    sees: (path, settings) => definition.sees?.(path, schema.parse(settings)) ?? true,
    commands: (engine, settings, host) => {
      const own = schema.parse(settings);
      const shared = launcherSettings.parse(own);
      const env = engineVariables(shared, engine, placeholders.token);
      return definition
        .commands({ ...engine, env }, { settings: own, host })
        .map((command) => ({ ...command, env: shownVariables(shared, command.env) }));
    },
    open: (settings, host, context) => {
      const { records } = context;
      const site: LaunchSite<Settings, Extra> = {
        settings: schema.parse(settings),
        host,
        openRecord: async (sessionId, port) =>
          await records.open({ launcher: kind, sessionId, port }, host.destination),
      };
      const lifecycle = { definition, site, shared: launcherSettings.parse(site.settings), context };
      const runs = definition.runs(site);
      return {
        runs,
        ...defined({ installedOn: runs === 'installed engines' ? inEngineTermsOn(host) : undefined }),
        choosesNodes: definition.choosesNodes === true,
        endOrphans: async () => await endOrphans(lifecycle),
        reserve: async (request, launchContext) =>
          await inEngineTerms(async () => await reserve(lifecycle, request, launchContext)),
      };
    },
    examine: async (settings, host, file, node) => {
      const own = schema.parse(settings);
      const shared = launcherSettings.parse(own);
      const nodes = [
        definition.choosesNodes === true ? (node ?? []) : (host.destination ?? hostname()),
      ].flat();
      return [
        ...(await definition.examine({ settings: own, host }, file, node)),
        ...(await examineExporters({ host, definition, nodes }, shared, file)),
        ...(await examineRedfish(shared, nodes, { file })),
      ];
    },
    examineImage: async (image, settings, host) =>
      await definition.examineImage?.(image, { settings: schema.parse(settings), host }),
  };
}

interface Lifecycle<Settings extends z.ZodObject, Extra extends z.ZodRawShape> {
  readonly definition: LauncherDefinition<string, Settings, Extra>;
  readonly site: LaunchSite<Settings, Extra>;
  readonly shared: LauncherSettings;
  readonly context: LauncherContext;
}

async function endOrphans<Settings extends z.ZodObject, Extra extends z.ZodRawShape>({
  definition: { kind, record: extra, endLeftover },
  site,
  context: { records },
}: Lifecycle<Settings, Extra>): Promise<EndedOrphan[]> {
  const ended: EndedOrphan[] = [];
  for (const record of await records.orphans(kind, extra, site.host.destination)) {
    if (await endLeftover(record, site)) ended.push({ sessionId: record.sessionId, port: record.port });
    await records.remove(record.token);
  }
  return ended;
}

async function reserve<Settings extends z.ZodObject, Extra extends z.ZodRawShape>(
  lifecycle: Lifecycle<Settings, Extra>,
  request: ReserveRequest,
  context: LaunchContext,
): Promise<Reservation> {
  const { definition, site } = lifecycle;
  const { sessionId, nodeCount, workDir } = request;
  const { kind, spansNodes = false } = definition;
  const fault = spanFault({ kind, spansNodes }, nodeCount, lifecycle.context.kindsForSeveralNodes);
  if (fault !== undefined)
    throw new InputError([{ ...fault, message: `session ${sessionId} ${fault.message}` }], undefined, {
      code: 'not-measurable',
    });
  await site.host.writeFiles(workDir, []);
  const hosted: HostedRequest = { ...request, folder: site.host.folderFor(workDir) };
  const held = await definition.reserve(hosted, site, context);
  const session = new Session(lifecycle, request, held);
  try {
    await session.bringImage(context);
  } catch (error) {
    await session.release();
    throw error;
  }
  return session;
}

/** A reserved session; engines are started in it. */
class Session<Settings extends z.ZodObject, Extra extends z.ZodRawShape> implements Reservation {
  readonly #lifecycle: Lifecycle<Settings, Extra>;
  readonly #request: ReserveRequest;
  readonly #held: Held<Extra>;
  readonly #release: () => Promise<void>;
  #broughtImage = false;
  #image: ImageIdentity | undefined;

  constructor(lifecycle: Lifecycle<Settings, Extra>, request: ReserveRequest, held: Held<Extra>) {
    this.#lifecycle = lifecycle;
    this.#request = request;
    this.#held = held;
    this.#release = once(async () => {
      const { images } = held;
      if (this.#broughtImage && images?.keep === false) await images.remove();
      await held.release?.();
    });
  }

  get nodes(): readonly string[] {
    return this.#held.nodes;
  }

  get node(): Host {
    const [first] = this.#held.hosts;
    if (first === undefined) throw new Error(`session ${this.#request.sessionId} has no node`);
    return first;
  }

  async exporters({ signal }: { readonly signal: AbortSignal }): Promise<ReachedExporters | undefined> {
    const { definition, site, shared } = this.#lifecycle;
    return await reachExporters({ host: site.host, definition, nodes: this.nodes }, shared, signal);
  }

  get redfish(): RedfishAccess | undefined {
    return redfishAccess(this.#lifecycle.shared, this.nodes);
  }

  get workFiles(): WorkFiles {
    const { host } = this.#lifecycle.site;
    return workFilesBelow(host, host.folderFor(this.#request.workDir));
  }

  get image(): ImageIdentity | undefined {
    return this.#image;
  }

  async release(): Promise<void> {
    await this.#release();
  }

  async bringImage(context: LaunchContext): Promise<void> {
    const { images } = this.#held;
    if (images === undefined) return;
    if (!(await images.has())) {
      await requireSpace(images, this.#lifecycle.shared['disk-space-gb']);
      await images.bring(context);
      this.#broughtImage = true;
    }
    this.#image = await images.identify?.(context);
  }

  async start(request: LaunchRequest, context: LaunchContext): Promise<RunningEngine> {
    return await inEngineTerms(async () => await this.#start(request, context));
  }

  async #start(request: LaunchRequest, context: LaunchContext): Promise<RunningEngine> {
    const { site, shared } = this.#lifecycle;
    const { sessionId, steps } = request;
    if (steps !== undefined && this.#held.startSteps === undefined)
      refuse(this.#lifecycle, `session ${sessionId} is an engine of ${steps.length} steps`, 'starts one');
    if ((await this.#held.renew?.(context)) === true) await this.bringImage(context);
    const vendor = vendorNamed(shared.accelerator);
    await Promise.all(
      this.#held.hosts.map(async (host) => {
        await waitUntilIdle(
          vendor,
          host,
          { timeoutS: shared['idle-timeout-s'], deviceCount: this.#devicesOfNode },
          context,
        );
        await refuseBrokenDevices(vendor, host);
      }),
    );
    const reached = await site.host.reach(await this.#held.address(request), request.port, context);
    try {
      await refuseTakenPort(this.node, reached.baseUrl, request, this.#lifecycle.context.records);
      await site.host.writeFiles(this.#request.workDir, request.files ?? []);
      const { exited, stepLogs, end, listener, inside, env } = await this.#startRecorded(request);
      const stop = once(async () => {
        try {
          await end();
        } finally {
          await reached.close();
        }
      });
      const acceleratorsPerNode = vendor.hasDevices ? shared['accelerators-per-node'] : undefined;
      const { logPath } = request;
      return {
        baseUrl: reached.baseUrl,
        logPath,
        exited,
        listener,
        stop,
        deviceTrouble: async () => await this.#deviceTrouble(),
        deviceActivity: async () => await deviceActivity(vendor, this.#nodes, env),
        processActivity: async () => await this.#processActivity(env, inside, logPath),
        lockHolder: async (path) => await lockHolder([...inside, ...this.#held.hosts], path, Date.now()),
        ...defined({ stepLogs, acceleratorsPerNode }),
      };
    } catch (error) {
      await reached.close();
      throw error;
    }
  }

  /** The number of accelerators that the session uses on each of its nodes. */
  get #devicesOfNode(): number {
    return Math.min(this.#lifecycle.shared['accelerators-per-node'], this.#request.acceleratorCount);
  }

  get #nodes() {
    const { hosts, nodes } = this.#held;
    return hosts.map((host, index) => ({ host, name: nodes[index] ?? `node ${index}` }));
  }

  /** Describes what the engine's processes are doing, and writes their stacks next to its log. */
  async #processActivity(
    env: Readonly<Record<string, string>>,
    inside: readonly Runner[],
    logPath: string,
  ): Promise<string | undefined> {
    const nodes = this.#nodes.map((node, index) => ({ ...node, inside: index === 0 ? inside : [] }));
    const seen = await processActivity(nodes, env[tokenVariable] ?? '');
    if (seen === undefined) return undefined;
    await writeFileAtomically(stacksFile(logPath), seen.text).catch(() => undefined);
    return seen.words;
  }

  async #deviceTrouble(): Promise<string | undefined> {
    const vendor = vendorNamed(this.#lifecycle.shared.accelerator);
    const { hosts, nodes } = this.#held;
    const found = await Promise.all(
      hosts.map(async (host, index) => {
        const trouble = await deviceTrouble(vendor, host, this.#devicesOfNode);
        // With several nodes, the message names the node.
        return trouble === undefined || hosts.length === 1 ? trouble : `on ${nodes[index]} ${trouble}`;
      }),
    );
    const told = found.filter((trouble) => trouble !== undefined);
    return told.length === 0 ? undefined : told.join('; ');
  }

  /** Starts the engine with a record, which is removed when the engine has ended or could not be started. */
  async #startRecorded(request: LaunchRequest) {
    const { site, shared } = this.#lifecycle;
    const held = this.#held.record;
    const record = held ?? (await site.openRecord(request.sessionId, request.port));
    const removeOwn = async () => await (held === undefined ? record.remove() : undefined);
    try {
      const start = { request, record, env: engineVariables(shared, request, record.token) };
      const { exited, stepLogs, end, listener, inside = [] } = await this.#startProcesses(start);
      return {
        exited,
        stepLogs,
        listener,
        inside,
        env: start.env,
        end: async () => {
          await end();
          await removeOwn();
        },
      };
    } catch (error) {
      await removeOwn();
      throw error;
    }
  }

  async #startProcesses(start: EngineStart<Extra>) {
    const { steps } = start.request;
    return steps !== undefined && this.#held.startSteps !== undefined
      ? await this.#held.startSteps(steps, start)
      : await this.#held.start(start);
  }
}

/** Explains why a launcher cannot start a multi-node engine, as the end of a sentence about that engine. */
export function spanFault(
  { kind, spansNodes }: Pick<AnyLauncher, 'kind' | 'spansNodes'>,
  nodeCount: number,
  kindsForSeveralNodes: readonly string[],
): Fault | undefined {
  if (nodeCount === 1 || spansNodes) return undefined;
  return {
    message: `spans ${nodeCount} nodes, and the ${kind} launcher has one`,
    hint: `set its runner pool to the ${kindsForSeveralNodes.join(' or ')} launcher`,
  };
}

function refuse<Settings extends z.ZodObject, Extra extends z.ZodRawShape>(
  { definition, context }: Lifecycle<Settings, Extra>,
  asked: string,
  can: string,
): never {
  throw new InputError(
    `${asked}, and the ${definition.kind} launcher ${can}`,
    `set its runner pool to the ${context.kindsForSeveralNodes.join(' or ')} launcher`,
    { code: 'not-measurable' },
  );
}

/** Checks the disk that stores images. Throws EngineFailure if it has less space than the pool's `disk-space-gb`. */
async function requireSpace({ space }: Images, neededGb: number): Promise<void> {
  if (space !== undefined) await requireDiskSpace(space.host, space.folder, neededGb);
}

/** Checks the disk of a folder. Throws EngineFailure if it has less free space than the pool's `disk-space-gb`. */
export async function requireDiskSpace(host: Host, folder: string, neededGb: number): Promise<void> {
  if (neededGb === 0) return;
  const freeGb = (await freeBytesAt(host, folder)) / 1e9;
  if (freeGb >= neededGb) return;
  throw new EngineFailure(
    'node-broken',
    `not enough disk space for the image and the weights: the disk of ${folder} has ${freeGb.toFixed(1)} GB free, and the pool's disk-space-gb is ${neededGb}`,
  );
}

/** Converts a HostFailure into an EngineFailure. */
async function inEngineTerms<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HostFailure)) throw error;
    const failureClass = error.kind === 'unreachable' ? 'node-lost' : 'cannot-start';
    const { message, output } = error;
    throw new EngineFailure(failureClass, message, output, { logs: [output, message] });
  }
}

/** A host whose failures are EngineFailures. */
function inEngineTermsOn(host: Host): NonNullable<Launcher['installedOn']> {
  return {
    destination: host.destination,
    run: async (argv, options) => await inEngineTerms(async () => await host.run(argv, options)),
  };
}

/** Runs the work on the first call; every call waits for it. */
function once(work: () => Promise<void>): () => Promise<void> {
  let doing: Promise<void> | undefined;
  return async () => {
    doing ??= work();
    await doing;
  };
}
