import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { type Fault, InputError } from '../../errors.ts';
import { attempt, type Finding } from '../../finding.ts';
import { commandsBy, type HostCommand } from '../commands.ts';
import { defineHost } from '../definition.ts';
import { readingBy } from '../elsewhere.ts';
import { inside } from '../files.ts';
import { type Host, HostFailure, mustRun, type Reached } from '../host.ts';
import { remoteCommand } from './quote.ts';
import { writeFileArgv } from './write-file.ts';

/** Reads `NAME=value` lines into the environment until an empty line, then executes the command. */
const readEnvironment = 'while IFS= read -r line && [ -n "$line" ]; do export "$line"; done; exec "$@"';
/** Executes a command in a folder. */
const inFolder = 'cd "$1" && shift && exec "$@"';
const fileMs = 60_000;
const pollMs = 100;

const settings = z.object({
  /** As for `ssh`: `user@host`, or a host in ssh_config. */
  destination: z.string().regex(/^[^-\s]\S*$/, 'expected user@host or a host of ssh_config'),
  /** Extra arguments of `ssh`, such as `-p`. */
  'ssh-args': z.array(z.string()).default([]),
  'connect-timeout-s': z.number().positive().default(15),
  /**
   * `direct`: the load generator connects to `address`; `forward`: it uses a tunnel, whose delay becomes part of every
   * measurement.
   */
  connect: z.enum(['direct', 'forward']).default('direct'),
  /** The address of the engine for the load generator (default: the host of `destination`). */
  address: z.string().optional(),
  /** Folder on the host for session files. */
  'remote-dir': z.string().startsWith('/').default('/tmp/inferencemax'),
});

type SshSettings = z.output<typeof settings>;

/** Hosts reached over ssh. */
export const ssh = defineHost({ kind: 'ssh', settings, connect: sshHost, reachFault, examine });

function sshHost(settings: SshSettings): Host {
  const folderFor = (folder: string): string => {
    // Two sweeps may have sessions with the same name.
    const digest = createHash('sha256').update(folder).digest('hex').slice(0, 8);
    return join(settings['remote-dir'], `${basename(folder)}-${digest}`);
  };
  const commands = commandsBy((argv, env, folder) => sshCommand(settings, argv, env, folder));
  return {
    isThisMachine: false,
    destination: settings.destination,
    ...commands,
    ...readingBy(commands),
    folderFor,
    writeFiles: async (folder, files) => {
      await mustRun(commands, ['mkdir', '-p', folderFor(folder)], { timeoutMs: fileMs });
      for (const { path, content } of files) {
        await mustRun(commands, writeFileArgv(folderFor(folder), inside(path)), {
          timeoutMs: fileMs,
          input: content,
        });
      }
    },
    reach: async (address, port, context) =>
      settings.connect === 'forward'
        ? await forwarded(settings, address, port, context.signal)
        : { baseUrl: `http://${directAddress(settings, address)}:${port}`, close: async () => {} },
  };
}

/** A server that listens on a loopback address is reachable only from its own machine. */
function reachFault(settings: SshSettings, listensOn: string): Fault | undefined {
  const address = directAddress(settings, '127.0.0.1');
  if (settings.connect === 'forward' || !isLoopback(listensOn) || isLoopback(address)) return undefined;
  return {
    message: `engines listen on ${listensOn} of ${address}, which only ${address} itself reaches`,
    hint: "add host: 0.0.0.0 under on, if the network may reach the engine's port, or connect: forward to use a tunnel, whose delay is then part of the measurement",
  };
}

function isLoopback(address: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/.test(address);
}

async function examine(settings: SshSettings, file: string): Promise<readonly Finding[]> {
  const { destination } = settings;
  return await attempt(
    'ssh',
    `make \`ssh ${destination} true\` work without a password; destination and ssh-args are in ${file}`,
    async () => {
      const { code, stderr } = await sshHost(settings).run(['true']);
      if (code !== 0)
        throw new Error(`cannot reach ${destination}: ${stderr.trim().split('\n').at(-1) ?? ''}`);
      return [{ check: 'ssh', state: 'ok', message: `${destination} answers` }];
    },
  );
}

function sshArgv(settings: SshSettings, more: readonly string[]): string[] {
  return [
    'ssh',
    '-T',
    '-o',
    'BatchMode=yes',
    '-o',
    `ConnectTimeout=${Math.ceil(settings['connect-timeout-s'])}`,
    // A dead host is noticed within half a minute.
    '-o',
    'ServerAliveInterval=10',
    '-o',
    'ServerAliveCountMax=3',
    ...settings['ssh-args'],
    ...more,
  ];
}

function sshCommand(
  settings: SshSettings,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  folder: string | undefined,
): HostCommand {
  const lines = Object.entries(env).map(([name, value]) => {
    if (/[\n\0]/.test(value))
      throw new InputError(`${name} has a line break, which cannot be passed over ssh`, undefined, {
        code: 'bad-config',
      });
    return `${name}=${value}\n`;
  });
  const placed = folder === undefined ? argv : ['sh', '-c', inFolder, 'in-folder', folder, ...argv];
  const there = lines.length === 0 ? placed : ['sh', '-c', readEnvironment, 'with-environment', ...placed];
  return {
    argv: sshArgv(settings, ['--', settings.destination, remoteCommand(there)]),
    env: {},
    input: lines.length === 0 ? '' : `${lines.join('')}\n`,
  };
}

/** The launcher calls the host's own address 127.0.0.1; from this machine it is the host itself. */
function directAddress(settings: SshSettings, address: string): string {
  if (address !== '127.0.0.1') return address;
  return settings.address ?? settings.destination.split('@').at(-1) ?? settings.destination;
}

async function forwarded(
  settings: SshSettings,
  address: string,
  port: number,
  signal: AbortSignal,
): Promise<Reached> {
  const local = await unusedPort();
  const forward = `127.0.0.1:${local}:${address}:${port}`;
  const [command = '', ...args] = sshArgv(settings, [
    '-N',
    '-o',
    'ExitOnForwardFailure=yes',
    '-L',
    forward,
    '--',
    settings.destination,
  ]);
  const tunnel = spawn(command, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  tunnel.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-1000);
  });
  const close = async () => await ended(tunnel);
  try {
    const start = performance.now();
    while (!(await listens(local))) {
      signal.throwIfAborted();
      if (tunnel.exitCode !== null || performance.now() - start > settings['connect-timeout-s'] * 1000) {
        const message = `no tunnel to ${settings.destination}: ${said.trim()}`;
        throw new HostFailure('unreachable', message, { command: 'ssh', output: said });
      }
      await delay(pollMs);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { baseUrl: `http://127.0.0.1:${local}`, close };
}

async function ended(tunnel: ChildProcess): Promise<void> {
  if (tunnel.exitCode !== null || tunnel.signalCode !== null) return;
  const exited = once(tunnel, 'exit');
  tunnel.kill('SIGTERM');
  await exited;
}

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function listens(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
      .once('connect', () => {
        socket.destroy();
        resolve(true);
      })
      .once('error', () => resolve(false));
  });
}
