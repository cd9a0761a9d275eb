import { setTimeout as delay } from 'node:timers/promises';
import { vendorNamed } from '../../accelerators/index.ts';
import { defined } from '../../defined/defined.ts';
import { type Host, HostFailure, mustRun, type Runner } from '../../hosts/index.ts';
import { dockerImage } from '../container-image.ts';
import {
  type EngineStart,
  type Held,
  type HostedRequest,
  type Images,
  placeholders,
  type StartedEngine,
} from '../definition.ts';
import { EngineFailure } from '../engine-failure.ts';
import { startEngineProcess } from '../host-process.ts';
import type { LaunchContext } from '../launcher.ts';
import { defineLauncher, requireDiskSpace } from '../lifecycle.ts';
import { containerMounts, isMounted } from '../mounts.ts';
import { examineNode, examineSecrets } from '../node-checks.ts';
import { listenerOf } from '../port-holder.ts';
import { type Container, runArgv } from './argv.ts';
import { Containers } from './containers.ts';
import { Daemon, lostDaemon } from './daemon.ts';
import { engineEnd } from './engine-end.ts';
import { examineDocker } from './examine.ts';
import { examineImage } from './examine-image.ts';
import { imageIdentity } from './image-identity.ts';
import { PullProgress } from './pull-progress.ts';
import { type DockerSettings, dockerSettings } from './settings.ts';

const defaultTimes = {
  /** How long an engine may take to end by itself after SIGTERM. */
  graceS: 10,
  /** One answer of the daemon. */
  commandMs: 60_000,
  /** How long the daemon may be away, as while it is restarted, before its node counts as lost. */
  absenceMs: 45_000,
  /** The same before a session: one that is being started with its machine may take longer. */
  startMs: 120_000,
  /** The first pause before an image is pulled again; each further one is twice as long. */
  pullPauseMs: 2_000,
};
type Times = typeof defaultTimes;

/** How long the client may take to end after its container has. */
const clientMs = 30_000;

/** How often an image is pulled where what kept it from being pulled may be over in a moment. */
const pullTries = 3;
const passing =
  /\bEOF\b|connection (?:reset|refused)|TLS handshake timeout|i\/o timeout|Client\.Timeout|(?:status(?: code)?|error):? 50[0234]\b|Temporary failure/i;

/** Engines in containers, each with a label by which it is told from everybody else's. */
export function dockerLauncher(changed: Partial<Times> = {}) {
  const times = { ...defaultTimes, ...changed };
  return defineLauncher({
    kind: 'docker',
    settings: dockerSettings,
    // The container carries the token as a label.
    record: {},
    nodesShareMachine: true,
    runs: () => 'containers',
    sees: (path, settings) => isMounted(path, containerMounts(settings, '.'), settings['docker-args']),
    commands: ({ sessionId, image, argv, env }, { settings }) => [
      { argv: ['docker', 'pull', dockerImage(image)], env: {} },
      {
        argv: containerArgv(
          settings,
          { sessionId, image, folder: placeholders.folder, argv, env },
          placeholders.token,
        ),
        env,
      },
    ],
    reserve: async (request, { settings, host }, context) =>
      await new DockerNode(host, settings, times).reserve(request, context),
    endLeftover: async ({ token }, { settings, host }) =>
      await new DockerNode(host, settings, times).remove(token),
    examine: async ({ settings, host }, file) => [
      ...(await examineDocker(settings, host)),
      ...(await examineNode(settings, host, file)),
      ...examineSecrets(settings),
    ],
    examineImage: async (image, { settings, host }) => await examineImage(image, settings, host),
  });
}

export const docker = dockerLauncher();

/** The docker of a host. */
class DockerNode {
  readonly #host: Host;
  readonly #settings: DockerSettings;
  readonly #times: Times;
  readonly #daemon: Daemon;
  readonly #containers: Containers;

  constructor(host: Host, settings: DockerSettings, times: Times) {
    this.#host = host;
    this.#settings = settings;
    this.#times = times;
    const { commandMs, absenceMs, graceS } = times;
    this.#daemon = new Daemon(host, { commandMs: commandMs + graceS * 1000, absenceMs });
    this.#containers = new Containers(this.#daemon, graceS);
  }

  async reserve({ image, sessionId, folder }: HostedRequest, context: LaunchContext): Promise<Held> {
    const cache = this.#settings['hf-hub-cache'];
    if (cache !== undefined) await requireDiskSpace(this.#host, cache, this.#settings['disk-space-gb']);
    const [name = '', root] = (await this.#info(context)).trim().split(/ (.*)/);
    return {
      nodes: [name],
      hosts: [this.#host],
      address: async () => '127.0.0.1',
      images: this.#imagesOf(image, root),
      start: async (start) => await this.#start(start, { image, sessionId, folder }),
    };
  }

  /** The name of the daemon's machine and its folder; waits for a daemon that is not up yet. */
  async #info(context: LaunchContext): Promise<string> {
    const { code, stdout, stderr } = await this.#whenUp(
      ['info', '--format', '{{.Name}} {{.DockerRootDir}}'],
      context,
    );
    if (code === 0) return stdout;
    const said = stderr.trim().split('\n').at(-1) ?? '';
    throw new EngineFailure('cannot-start', `docker info failed: ${said}`, stderr);
  }

  async #whenUp(argv: readonly string[], { signal, onProgress }: LaunchContext) {
    const { startMs } = this.#times;
    const onAway = (said: string) =>
      onProgress({ what: `docker's daemon, which is not there: ${said}`, timeoutS: startMs / 1000 });
    return await this.#daemon.run(argv, onAway, { absenceMs: startMs, signal });
  }

  #imagesOf(image: string, root: string | undefined): Images {
    const reference = dockerImage(image);
    return {
      // Docker's own folder may be on another disk than the weights.
      ...defined({ space: root?.startsWith('/') === true ? { host: this.#host, folder: root } : undefined }),
      has: async () => {
        const here = await this.#daemon.run(['image', 'inspect', '--format', '{{.Id}}', reference]);
        return here.code === 0;
      },
      bring: async (context) => {
        const { signal, onProgress } = context;
        const timeoutS = this.#settings['pull-timeout-s'];
        onProgress({ what: `docker to pull ${reference}`, timeoutS });
        const layers = new PullProgress();
        const onLine = (line: string) => {
          const progress = layers.line(line);
          if (progress === undefined) return;
          const what = `docker to pull ${reference} (${progress.done} of ${progress.of} layers)`;
          onProgress({ what, timeoutS });
        };
        const pull = async () =>
          await mustRun(this.#host, ['docker', 'pull', reference], {
            timeoutMs: timeoutS * 1000,
            signal,
            onLine,
          });
        for (let tried = 1; ; tried++) {
          try {
            await pull();
            return;
          } catch (error) {
            if (!(error instanceof HostFailure) || tried === pullTries) throw error;
            if (lostDaemon(error.output)) await this.#whenUp(['version'], context);
            else if (!passing.test(error.output)) throw error;
            onProgress({ what: `the next try to pull ${reference}: ${error.message}`, timeoutS });
            await delay(this.#times.pullPauseMs * 2 ** (tried - 1), undefined, { signal });
          }
        }
      },
      identify: async () => {
        const argv = ['image', 'inspect', '--format', '{{json .}}', reference];
        const { code, stdout } = await this.#daemon.run(argv);
        return code === 0 ? imageIdentity(stdout, reference) : undefined;
      },
      keep: this.#settings.cleanup === 'keep-image',
      // Somebody else may be using it by now, and then docker keeps it.
      remove: async () => void (await this.#run(['docker', 'image', 'rm', reference])),
    };
  }

  async #start(
    { request, env, record: { token } }: EngineStart,
    container: { readonly image: string; readonly sessionId: string; readonly folder: string },
  ): Promise<StartedEngine> {
    const { argv: command, logPath } = request;
    const { deviceGroups } = vendorNamed(this.#settings.accelerator).containers;
    const groups = (await deviceGroups?.(this.#host)) ?? [];
    const argv = containerArgv(this.#settings, { ...container, argv: command, env, groups }, token);
    let isBeingEnded = false;
    const started = { token, command: command[0] ?? '', logPath, isEnding: () => isBeingEnded };
    const { process: client, exited } = await startEngineProcess(this.#host, {
      argv,
      env,
      logPath,
      engineEnd: async (exit) =>
        await engineEnd(exit, started, { host: this.#host, containers: this.#containers }),
      stillRuns: async () => (await this.#containers.see(token))?.running === true,
    });
    // There its processes are seen also by a user who may not look at them from outside.
    const inside: Runner = {
      run: async (inner, options) => await this.#host.run(inContainer(token, inner), options),
    };
    return {
      exited,
      inside: [inside],
      end: async () => {
        isBeingEnded = true;
        await this.remove(token);
        // The client ends with its container; one that was about to make it must not go on.
        client.kill('SIGTERM');
        await Promise.race([exited, delay(clientMs, undefined, { ref: false })]);
        await this.remove(token);
      },
      listener: async () => await listenerOf(request, { token }, inside, this.#host),
    };
  }

  async remove(token: string): Promise<boolean> {
    return await this.#containers.remove(token);
  }

  async #run(argv: readonly string[]) {
    return await this.#host.run(argv, { timeoutMs: this.#times.commandMs });
  }
}

function containerName(token: string): string {
  return `inferencemax-${token}`;
}

/** The command that runs another one inside an engine's container. */
function inContainer(token: string, argv: readonly string[]): string[] {
  return ['docker', 'exec', containerName(token), ...argv];
}

/** The command that runs an engine's container, which is found again by the token. */
function containerArgv(
  settings: DockerSettings,
  {
    sessionId,
    image,
    folder,
    argv,
    env,
    groups,
  }: Pick<HostedRequest, 'sessionId' | 'image' | 'folder'> &
    Pick<EngineStart['request'], 'argv' | 'env'> &
    Pick<Container, 'groups'>,
  token: string,
): string[] {
  return runArgv(settings, {
    name: containerName(token),
    token,
    sessionId,
    image,
    workDir: folder,
    argv,
    envNames: Object.keys(env),
    ...defined({ groups }),
  });
}
