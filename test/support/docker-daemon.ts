import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Why no real daemon can be started here; undefined if it can, as far as is known. */
export function dockerDaemonMissing(): string | undefined {
  if (process.getuid?.() !== 0) return 'dockerd needs root';
  try {
    execFileSync('dockerd', ['--version'], { stdio: 'ignore' });
    execFileSync('docker', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'there is no dockerd here (Debian: docker.io)';
  }
}

/**
 * A real daemon for one test: its data, socket and processes are in a folder, and the machine's network is not changed.
 */
export class DockerDaemon {
  readonly #folder: string;
  #process: ChildProcess;

  private constructor(folder: string, process: ChildProcess) {
    this.#folder = folder;
    this.#process = process;
  }

  static async start(
    folder: string,
    options: { readonly liveRestore?: boolean } = {},
  ): Promise<DockerDaemon> {
    const daemon = new DockerDaemon(folder, await spawned(folder, options));
    await daemon.#ready();
    return daemon;
  }

  /** The environment for `docker` to find it. */
  get env() {
    return { DOCKER_HOST: `unix://${join(this.#folder, 'docker.sock')}` };
  }

  docker(...args: readonly string[]): string {
    const env = { ...process.env, ...this.env };
    return execFileSync('docker', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  }

  /** Shuts the daemon down, and its containers unless it was started with live-restore. */
  async end(): Promise<void> {
    const daemon = this.#process;
    if (daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    await ended;
  }

  /** Kills the daemon and waits until its containerd is gone, too: the next daemon would wait for a dying one. */
  async crash(): Promise<void> {
    const containerd = await readFile(join(this.#folder, 'exec', 'containerd', 'containerd.pid'), 'utf8');
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
    while (existsSync(join('/proc', containerd.trim()))) await delay(20);
  }

  async startAgain(options: { readonly liveRestore?: boolean } = {}): Promise<void> {
    this.#process = await spawned(this.#folder, options);
    await this.#ready();
  }

  removeContainers(): void {
    const containers = this.docker('ps', '--all', '--quiet').split('\n').filter(Boolean);
    if (containers.length > 0) this.docker('rm', '--force', ...containers);
  }

  /** Removes its containers, shuts it down, and leaves no mounts or files. */
  async stop(): Promise<void> {
    this.removeContainers();
    await this.end();
    const mounts = (await readFile('/proc/self/mounts', 'utf8'))
      .split('\n')
      .map((line) => line.split(' ')[1]);
    for (const mount of mounts.toReversed())
      if (mount?.startsWith(`${this.#folder}/`)) execFileSync('umount', [mount]);
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Imports a tar archive of a root file system as an image. */
  importRoot(archive: string, reference: string): void {
    this.docker('import', archive, reference);
  }

  async #ready(): Promise<void> {
    for (;;) {
      try {
        this.docker('info');
        return;
      } catch (error) {
        if (this.#process.exitCode !== null)
          throw new Error(await readFile(join(this.#folder, 'dockerd.log'), 'utf8'), { cause: error });
        await delay(100);
      }
    }
  }
}

async function spawned(folder: string, { liveRestore = false }): Promise<ChildProcess> {
  await mkdir(folder, { recursive: true });
  const log = await open(join(folder, 'dockerd.log'), 'a');
  const args = [
    ['--data-root', join(folder, 'data')],
    ['--exec-root', join(folder, 'exec')],
    ['--host', `unix://${join(folder, 'docker.sock')}`],
    ['--pidfile', join(folder, 'dockerd.pid')],
    ['--bridge', 'none'],
    ['--iptables=false'],
    liveRestore ? ['--live-restore'] : [],
  ].flat();
  const daemon = spawn('dockerd', args, { detached: true, stdio: ['ignore', log.fd, log.fd] });
  await log.close();
  return daemon;
}
