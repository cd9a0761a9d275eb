import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './free-port.ts';

const program = '/usr/sbin/sshd';
const startMs = 10_000;

/** Why no sshd can be started here; undefined if it can. */
export function sshMissing(): string | undefined {
  return existsSync(program) ? undefined : `${program} is not installed (openssh-server)`;
}

/** A real sshd on a loopback port with its own keys, which only this user can log in with. */
export class SshServer {
  readonly #folder: string;
  readonly #port: number;
  readonly #daemon: ChildProcess;

  private constructor(folder: string, port: number, daemon: ChildProcess) {
    this.#folder = folder;
    this.#port = port;
    this.#daemon = daemon;
  }

  /** @param env Environment variables for every command that runs over it. */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<SshServer> {
    const folder = await mkdtemp(join(tmpdir(), 'sshd-'));
    for (const name of ['host', 'user']) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    }
    await copyFile(join(folder, 'user.pub'), join(folder, 'authorized_keys'));
    if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
    const port = await freePort();
    const variables = Object.entries(env).map(([name, value]) => `"${name}=${value}"`);
    const lines = [
      'ListenAddress 127.0.0.1',
      `Port ${port}`,
      `HostKey ${join(folder, 'host')}`,
      `AuthorizedKeysFile ${join(folder, 'authorized_keys')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'PidFile none',
      ...(variables.length === 0 ? [] : [`SetEnv ${variables.join(' ')}`]),
    ];
    await writeFile(join(folder, 'sshd_config'), `${lines.join('\n')}\n`);
    const daemon = spawn(program, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    daemon.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const server = new SshServer(folder, port, daemon);
    for (const start = performance.now(); !(await listens(port)); await delay(50)) {
      if (daemon.exitCode !== null || performance.now() - start > startMs) {
        await server.stop();
        throw new Error(`sshd did not start: ${said}`);
      }
    }
    return server;
  }

  /** The settings of a pool that uses this server. */
  get settings() {
    return {
      launcher: 'ssh' as const,
      destination: `${userInfo().username}@127.0.0.1`,
      'ssh-args': [
        '-p',
        String(this.#port),
        '-i',
        join(this.#folder, 'user'),
        '-F',
        'none',
        '-o',
        'StrictHostKeyChecking=no',
        '-o',
        `UserKnownHostsFile=${join(this.#folder, 'known_hosts')}`,
        '-o',
        'LogLevel=ERROR',
      ],
      'remote-dir': join(this.#folder, 'remote'),
    };
  }

  get remoteFolder(): string {
    return join(this.#folder, 'remote');
  }

  /** Stops the server; existing connections continue. */
  async stop(): Promise<void> {
    if (this.#daemon.exitCode === null) {
      const exited = once(this.#daemon, 'exit');
      this.#daemon.kill('SIGTERM');
      await exited;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function listens(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port })
      .once('connect', () => {
        socket.destroy();
        resolve(true);
      })
      .once('error', () => resolve(false));
  });
}
