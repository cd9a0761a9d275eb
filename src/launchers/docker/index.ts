import { setTimeout as delay } from 'node:timers/promises';
import { vendorNamed } from '../../accelerators/index.ts';
import { defined } from '../../defined/defined.ts';
import { WorkError } from '../../errors.ts';
import { attempt, type Finding } from '../../finding.ts';
import { freeBytesAt, type Host, mustRun, type ProcessExit } from '../../hosts/index.ts';
import { dockerImage } from '../container-image.ts';
import {
  type EngineStart,
  type Held,
  type HostedRequest,
  type Images,
  placeholders,
  type StartedEngine,
} from '../definition.ts';
import { startEngineProcess } from '../host-process.ts';
import type { ExitReason } from '../launcher.ts';
import { defineLauncher, requireDiskSpace } from '../lifecycle.ts';
import { containerMounts, isMounted } from '../mounts.ts';
import { examineNode, examineSecrets } from '../node-checks.ts';
import { runArgv, tokenLabel } from './argv.ts';
import { examineImage } from './examine-image.ts';
import { PullProgress } from './pull-progress.ts';
import { type DockerSettings, dockerSettings } from './settings.ts';

const defaultTimes = {
  /** How long an engine may take to end by itself after SIGTERM. */
  graceS: 10,
  /** One answer of the daemon. */
  commandMs: 60_000,
};
type Times = typeof defaultTimes;

/** How long a container may take to be gone after it was removed by force. */
const goneMs = 30_000;
const pollMs = 200;

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
    reserve: async (request, { settings, host }) =>
      await new DockerNode(host, settings, times).reserve(request),
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

  constructor(host: Host, settings: DockerSettings, times: Times) {
    this.#host = host;
    this.#settings = settings;
    this.#times = times;
  }

  async reserve({ image, sessionId, folder }: HostedRequest): Promise<Held> {
    const cache = this.#settings['hf-hub-cache'];
    if (cache !== undefined) await requireDiskSpace(this.#host, cache, this.#settings['disk-space-gb']);
    const name = await this.#must(['docker', 'info', '--format', '{{.Name}}']);
    return {
      nodes: [name.trim()],
      hosts: [this.#host],
      address: async () => '127.0.0.1',
      images: this.#imagesOf(image, cache),
      start: async (start) => await this.#start(start, { image, sessionId, folder }),
    };
  }

  #imagesOf(image: string, cache: string | undefined): Images {
    const reference = dockerImage(image);
    return {
      // Docker's own folder may be on another disk; that of the weights is the one that pools name.
      ...defined({ space: cache === undefined ? undefined : { host: this.#host, folder: cache } }),
      has: async () => {
        const here = await this.#run(['docker', 'image', 'inspect', '--format', '{{.Id}}', reference]);
        return here.code === 0;
      },
      bring: async ({ signal, onProgress }) => {
        const timeoutS = this.#settings['pull-timeout-s'];
        onProgress({ what: `docker to pull ${reference}`, timeoutS });
        const layers = new PullProgress();
        await mustRun(this.#host, ['docker', 'pull', reference], {
          timeoutMs: timeoutS * 1000,
          signal,
          onLine: (line) => {
            const progress = layers.line(line);
            if (progress === undefined) return;
            const what = `docker to pull ${reference} (${progress.done} of ${progress.of} layers)`;
            onProgress({ what, timeoutS });
          },
        });
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
    const argv = containerArgv(this.#settings, { ...container, argv: command, env }, token);
    const { process: client, exited } = await startEngineProcess(this.#host, {
      argv,
      env,
      logPath,
      explain: (exit, tail) => reasonOf(exit, command[0] ?? '', tail),
      stillRuns: async () => await this.#runs(token),
    });
    return {
      exited,
      end: async () => {
        await this.remove(token);
        // The client ends with its container; one that was about to make it must not go on.
        client.kill('SIGTERM');
        await Promise.race([exited, delay(goneMs, undefined, { ref: false })]);
        await this.remove(token);
      },
    };
  }

  async #containersOf(token: string): Promise<string[]> {
    const label = `label=${tokenLabel}=${token}`;
    const ids = await this.#must(['docker', 'ps', '--all', '--quiet', '--filter', label]);
    return ids.split('\n').filter((id) => id !== '');
  }

  async #runs(token: string): Promise<boolean> {
    const label = `label=${tokenLabel}=${token}`;
    const running = ['docker', 'ps', '--quiet', '--filter', label, '--filter', 'status=running'];
    return (await this.#must(running)).trim() !== '';
  }

  /** Ends the containers of a token, returns when there are none, and says whether there were any. */
  async remove(token: string): Promise<boolean> {
    const found = await this.#containersOf(token);
    for (const id of found) await this.#run(['docker', 'stop', '--time', String(this.#times.graceS), id]);
    const start = performance.now();
    for (let left = found; left.length > 0; left = await this.#containersOf(token)) {
      if (performance.now() - start > goneMs) throw new WorkError(`containers ${left.join(', ')} do not end`);
      for (const id of left) await this.#run(['docker', 'rm', '--force', id]);
      await delay(pollMs);
    }
    return found.length > 0;
  }

  async #run(argv: readonly string[]) {
    const { commandMs, graceS } = this.#times;
    return await this.#host.run(argv, { timeoutMs: commandMs + graceS * 1000 });
  }

  async #must(argv: readonly string[]): Promise<string> {
    return await mustRun(this.#host, argv, { timeoutMs: this.#times.commandMs });
  }
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
  }: Pick<HostedRequest, 'sessionId' | 'image' | 'folder'> & Pick<EngineStart['request'], 'argv' | 'env'>,
  token: string,
): string[] {
  const name = `inferencemax-${token}`;
  return runArgv(settings, {
    name,
    token,
    sessionId,
    image,
    workDir: folder,
    argv,
    envNames: Object.keys(env),
  });
}

/** The exit codes that `docker run` has of its own. */
function reasonOf({ code }: ProcessExit, command: string, tail: string): ExitReason | undefined {
  const said = wordsOfDocker(tail);
  if (code === 125) return { failureClass: 'cannot-start', message: `docker cannot run it: ${said}` };
  if (code === 126 || code === 127)
    return { failureClass: 'image-unfit', message: `the image has no command ${command}: ${said}` };
  return undefined;
}

/** What the daemon says, and what said it to the daemon; docker's client ends with a hint that says nothing. */
function wordsOfDocker(tail: string): string {
  const lines = tail.split('\n').filter((line) => !/^Run 'docker .*--help'|^See 'docker/.test(line));
  const daemon = lines.findLastIndex((line) => line.includes('Error response from daemon'));
  if (daemon < 0) return lines.findLast((line) => line.trim() !== '') ?? '';
  return lines.slice(daemon, daemon + 3).join('; ');
}

async function examineDocker(settings: DockerSettings, host: Host): Promise<readonly Finding[]> {
  return await attempt('docker', 'install docker, start it, and let this user use it', async () => {
    const version = await host.run(['docker', 'version', '--format', '{{.Server.Version}}']);
    if (version.code !== 0)
      throw new Error(`docker does not answer: ${version.stderr.trim().split('\n').at(-1) ?? ''}`);
    const found: Finding = { check: 'docker', state: 'ok', message: `docker ${version.stdout.trim()}` };
    const full = await examineDockerDisk(settings, host);
    const { runtime } = vendorNamed(settings.accelerator).containers;
    if (runtime === undefined) return [found, ...full];
    const { stdout } = await host.run(['docker', 'info', '--format', '{{json .Runtimes}}']);
    return [
      found,
      ...full,
      stdout.includes(JSON.stringify(runtime.name))
        ? { check: 'docker', state: 'ok', message: `it has the ${runtime.name} runtime` }
        : {
            check: 'docker',
            state: 'problem',
            message: `it has no ${runtime.name} runtime, so containers get no GPU`,
            todo: runtime.todo,
          },
    ];
  });
}

/** Docker keeps images on a disk of its own, perhaps. */
async function examineDockerDisk(settings: DockerSettings, host: Host): Promise<Finding[]> {
  const neededGb = settings['disk-space-gb'];
  const { code, stdout } = await host.run(['docker', 'info', '--format', '{{.DockerRootDir}}']);
  const folder = stdout.trim();
  if (neededGb === 0 || code !== 0 || !folder.startsWith('/')) return [];
  const freeGb = (await freeBytesAt(host, folder)) / 1e9;
  if (freeGb >= neededGb) return [];
  return [
    {
      check: 'docker',
      state: 'warning',
      message: `docker's own disk (${folder}) has ${freeGb.toFixed(1)} GB free; an image that is not there yet may need more`,
      todo: 'docker system prune, or move data-root in /etc/docker/daemon.json',
    },
  ];
}
