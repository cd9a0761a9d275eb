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
  /** Seconds between SIGTERM and SIGKILL. */
  graceS: 10,
  /** Timeout of one docker command. */
  commandMs: 60_000,
  /** How long the daemon may be unreachable, such as during a restart, before its node counts as lost. */
  absenceMs: 45_000,
  /** The same before a session: a daemon that starts while its machine boots takes longer. */
  startMs: 120_000,
  /** Pause before the second attempt to pull an image; it doubles with each further attempt. */
  pullPauseMs: 2_000,
};
type Times = typeof defaultTimes;

/** How long `docker run` may take to exit after its container has ended. */
const clientMs = 30_000;

/** Attempts to pull an image if the error may be transient. */
const pullTries = 3;
const transient =
  /\bEOF\b|connection (?:reset|refused)|TLS handshake timeout|i\/o timeout|Client\.Timeout|(?:status(?: code)?|error):? 50[0234]\b|Temporary failure/i;

/** Starts each engine in a container with a label, so that other people's containers are left alone. */
export function dockerLauncher(changed: Partial<Times> = {}) {
  const times = { ...defaultTimes, ...changed };
  return defineLauncher({
    kind: 'docker',
    settings: dockerSettings,
    // The token is a label of the container.
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

/** Docker on a host. */
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

  /** The daemon's host name and root directory. Waits for a daemon that is still starting. */
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
      onProgress({ what: `the Docker daemon, which is unreachable: ${said}`, timeoutS: startMs / 1000 });
    return await this.#daemon.run(argv, onAway, { absenceMs: startMs, signal });
  }

  #imagesOf(image: string, root: string | undefined): Images {
    const reference = dockerImage(image);
    return {
      // Docker's root directory may be on another disk than the weights.
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
            else if (!transient.test(error.output)) throw error;
            onProgress({ what: `the next attempt to pull ${reference}: ${error.message}`, timeoutS });
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
      // Docker keeps an image that another container uses.
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
    // From inside the container, its processes can be inspected without root on the host.
    const inside: Runner = {
      run: async (inner, options) => await this.#host.run(inContainer(token, inner), options),
    };
    return {
      exited,
      inside: [inside],
      end: async () => {
        isBeingEnded = true;
        await this.remove(token);
        // `docker run` exits with its container; if it has not created one yet, it must not do so now.
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

/** Wraps a command so that it runs inside an engine's container. */
function inContainer(token: string, argv: readonly string[]): string[] {
  return ['docker', 'exec', containerName(token), ...argv];
}

/** The `docker run` command of an engine; the token identifies its container later. */
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
