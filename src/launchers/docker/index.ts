import { setTimeout as delay } from 'node:timers/promises';
import { WorkError } from '../../errors.ts';
import { dockerImage } from '../container-image.ts';
import { engineEnvironment } from '../engine-environment.ts';
import { type EngineRecord, EngineRecords, newRecord } from '../engine-record.ts';
import { type Host, mustRunOn, type Reached, runOn, startOn, thisMachine } from '../host.ts';
import type {
  EndedOrphan,
  EngineExit,
  LaunchContext,
  Launcher,
  LaunchRequest,
  Reservation,
  ReserveRequest,
  RunningEngine,
} from '../launcher.ts';
import { killedForMemory, oomKills } from '../oom-kills.ts';
import type { DockerSettings } from '../pool-settings.ts';
import { refuseAnsweringPort } from '../port.ts';
import { requireDiskSpace } from '../preflight/disk.ts';
import { waitUntilIdle } from '../preflight/idle.ts';
import { queryOn } from '../preflight/query.ts';
import { exitOf, type ProcessExit } from '../process-exit.ts';
import { logTail } from '../readiness.ts';
import { singleNodeOnly, singleStepOnly } from '../single-node.ts';
import { runArgv, tokenLabel } from './argv.ts';
import { PullProgress } from './pull-progress.ts';

type DockerRecord = Extract<EngineRecord, { launcher: 'docker' }>;

const defaultTimes = {
  /** An engine may take so long to end by itself after SIGTERM. */
  graceS: 10,
  /** One answer of the daemon. */
  commandMs: 60_000,
};
/** How long a container may take to be gone after it was removed by force. */
const goneMs = 30_000;
const pollMs = 200;

/** Starts engines in containers, each with a label by which it is told from everybody else's. */
export class DockerLauncher implements Launcher {
  readonly runs = 'containers';
  readonly #settings: DockerSettings;
  readonly #records: EngineRecords;
  readonly #host: Host;
  readonly #times: typeof defaultTimes;

  constructor(
    settings: DockerSettings,
    recordFolder: string,
    options: { readonly host?: Host; readonly times?: Partial<typeof defaultTimes> } = {},
  ) {
    this.#settings = settings;
    this.#records = new EngineRecords(recordFolder);
    this.#host = options.host ?? thisMachine;
    this.#times = { ...defaultTimes, ...options.times };
  }

  async endOrphans(): Promise<EndedOrphan[]> {
    const ended: EndedOrphan[] = [];
    for (const record of await this.#records.orphans('docker', this.#host.destination)) {
      if ((await this.#containersOf(record.token)).length > 0) {
        ended.push({ sessionId: record.sessionId, port: record.port });
        await this.#remove(record.token);
      }
      await this.#records.remove(record.token);
    }
    return ended;
  }

  async reserve(request: ReserveRequest, context: LaunchContext): Promise<Reservation> {
    singleNodeOnly(request, 'docker');
    const cache = this.#settings['hf-hub-cache'];
    if (cache !== undefined)
      await requireDiskSpace(queryOn(this.#host), cache, this.#settings['disk-space-gb']);
    const pulled = await this.#pull(request.image, context);
    const name = await this.#must(['docker', 'info', '--format', '{{.Name}}']);
    let released: Promise<void> | undefined;
    return {
      nodes: [name.trim()],
      beside: (argv) => this.#host.command(argv, {}).argv,
      start: async (launch, launchContext) => await this.#start(launch, request, launchContext),
      release: async () => {
        released ??=
          pulled && this.#settings.cleanup === 'remove-image'
            ? this.#removeImage(request.image)
            : Promise.resolve();
        await released;
      },
    };
  }

  /** Brings the image here; whether it was not here before. */
  async #pull(image: string, { signal, onProgress }: LaunchContext): Promise<boolean> {
    const reference = dockerImage(image);
    const here = await this.#run(['docker', 'image', 'inspect', '--format', '{{.Id}}', reference]);
    if (here.code === 0) return false;
    const cache = this.#settings['hf-hub-cache'];
    if (cache !== undefined)
      await requireDiskSpace(queryOn(this.#host), cache, this.#settings['disk-space-gb']);
    const timeoutS = this.#settings['pull-timeout-s'];
    onProgress({ what: `docker to pull ${reference}`, timeoutS });
    const layers = new PullProgress();
    await mustRunOn(this.#host, ['docker', 'pull', reference], {
      timeoutMs: timeoutS * 1000,
      signal,
      onLine: (line) => {
        const progress = layers.line(line);
        if (progress === undefined) return;
        onProgress({
          what: `docker to pull ${reference} (${progress.done} of ${progress.of} layers)`,
          timeoutS,
        });
      },
    });
    return true;
  }

  async #start(
    request: LaunchRequest,
    { image, workDir }: ReserveRequest,
    context: LaunchContext,
  ): Promise<RunningEngine> {
    singleStepOnly(request, 'docker');
    const { accelerator } = this.#settings;
    await waitUntilIdle(
      accelerator,
      queryOn(this.#host),
      this.#settings['idle-timeout-s'],
      context,
      request.accelerators,
    );
    const reached = await this.#host.reach('127.0.0.1', request.port, context);
    try {
      await refuseAnsweringPort(reached.baseUrl, request, this.#records);
      await this.#host.writeFiles(workDir, request.files ?? []);
      return await this.#runContainer(request, { image, workDir }, reached);
    } catch (error) {
      await reached.close();
      throw error;
    }
  }

  async #runContainer(
    request: LaunchRequest,
    { image, workDir }: { readonly image: string; readonly workDir: string },
    reached: Reached,
  ): Promise<RunningEngine> {
    const { sessionId, port } = request;
    const record: DockerRecord = {
      launcher: 'docker',
      ...(await newRecord(sessionId, port, this.#host.destination)),
    };
    const env = engineEnvironment(this.#settings, request, record.token);
    const argv = runArgv(this.#settings, {
      name: `inferencemax-${record.token}`,
      token: record.token,
      sessionId,
      image,
      workDir: this.#host.place(workDir),
      argv: request.argv,
      envNames: Object.keys(env),
      accelerators: request.accelerators,
    });
    await this.#records.write(record);
    const killsBefore = await oomKills(this.#host);
    const { child: client, ended } = await startOn(this.#host, argv, env, request.logPath).catch(
      async (error: unknown) => {
        await this.#records.remove(record.token);
        throw error;
      },
    );
    const exited = ended.then(async (exit) => await this.#exit(exit, request, killsBefore));
    let stopping: Promise<void> | undefined;
    return {
      baseUrl: reached.baseUrl,
      logPath: request.logPath,
      exited,
      stop: () => {
        stopping ??= (async () => {
          await this.#remove(record.token);
          // The client ends with its container; one that was about to make it must not go on.
          client.kill('SIGTERM');
          await Promise.race([exited, delay(goneMs, undefined, { ref: false })]);
          await this.#remove(record.token);
          await reached.close();
          await this.#records.remove(record.token);
        })();
        return stopping;
      },
    };
  }

  /** What the end of the docker client means: `docker run` has exit codes of its own. */
  async #exit(
    { code, signal }: ProcessExit,
    request: LaunchRequest,
    killsBefore: number,
  ): Promise<EngineExit> {
    const exit = exitOf(code, signal);
    const lastLine = (await logTail(request.logPath)).split('\n').at(-1) ?? '';
    if (code === 125) {
      return {
        ...exit,
        reason: { failureClass: 'cannot-start', message: `docker cannot run it: ${lastLine}` },
      };
    }
    if (code === 126 || code === 127) {
      const message = `the image has no command ${request.argv[0]}: ${lastLine}`;
      return { ...exit, reason: { failureClass: 'cannot-start', message } };
    }
    if (code === 255 && this.#host.destination !== undefined) {
      const message = `the connection to ${this.#host.destination} was lost: ${lastLine}`;
      return { ...exit, reason: { failureClass: 'node-lost', message } };
    }
    const reason = await killedForMemory(this.#host, exit, killsBefore);
    return reason === undefined ? exit : { ...exit, reason };
  }

  async #containersOf(token: string): Promise<string[]> {
    const ids = await this.#must([
      'docker',
      'ps',
      '--all',
      '--quiet',
      '--filter',
      `label=${tokenLabel}=${token}`,
    ]);
    return ids.split('\n').filter((id) => id !== '');
  }

  /** Ends the containers of a token, and returns when there are none. */
  async #remove(token: string): Promise<void> {
    for (const id of await this.#containersOf(token))
      await this.#run(['docker', 'stop', '--time', String(this.#times.graceS), id]);
    const start = performance.now();
    for (;;) {
      const left = await this.#containersOf(token);
      if (left.length === 0) return;
      if (performance.now() - start > goneMs) throw new WorkError(`containers ${left.join(', ')} do not end`);
      for (const id of left) await this.#run(['docker', 'rm', '--force', id]);
      await delay(pollMs);
    }
  }

  async #removeImage(image: string): Promise<void> {
    // Somebody else may be using it by now, and then docker keeps it.
    await this.#run(['docker', 'image', 'rm', dockerImage(image)]);
  }

  async #run(argv: readonly string[]) {
    return await runOn(this.#host, argv, { timeoutMs: this.#times.commandMs + this.#times.graceS * 1000 });
  }

  async #must(argv: readonly string[]): Promise<string> {
    return await mustRunOn(this.#host, argv, { timeoutMs: this.#times.commandMs });
  }
}
