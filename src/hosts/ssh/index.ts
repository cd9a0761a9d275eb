import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { InputError } from '../../errors.ts';
import { EngineFailure } from '../../launchers/engine-failure.ts';
import type { SshSettings } from '../../launchers/pool-settings.ts';
import { type Host, type HostCommand, mustRunOn, type Reached } from '../host.ts';
import { inside } from '../working-folder.ts';
import { remoteCommand } from './quote.ts';

/** Reads `NAME=value` lines up to an empty one into the environment, then becomes the command. */
const readEnvironment = 'while IFS= read -r line && [ -n "$line" ]; do export "$line"; done; exec "$@"';
/** Writes its standard input to the file $1. */
const writeFile = 'mkdir -p "$(dirname "$1")" && cat > "$1.part" && mv "$1.part" "$1"';
const fileMs = 60_000;
const pollMs = 100;

/** A host that ssh reaches. */
export function sshHost(settings: SshSettings): Host {
  const { destination } = settings;
  const place = (folder: string): string => {
    // Two sweeps may have sessions of one name.
    const digest = createHash('sha256').update(folder).digest('hex').slice(0, 8);
    return join(settings['remote-dir'], `${basename(folder)}-${digest}`);
  };
  const host: Host = {
    destination,
    command: (argv, env) => sshCommand(settings, argv, env),
    place,
    writeFiles: async (folder, files) => {
      await mustRunOn(host, ['mkdir', '-p', place(folder)], { timeoutMs: fileMs });
      for (const { path, content } of files) {
        const argv = ['sh', '-c', writeFile, 'write-file', join(place(folder), inside(path))];
        await mustRunOn(host, argv, { timeoutMs: fileMs, input: content });
      }
    },
    reach: async (address, port, context) =>
      settings.connect === 'forward'
        ? await forwarded(settings, address, port, context.signal)
        : { baseUrl: `http://${directAddress(settings, address)}:${port}`, close: async () => {} },
  };
  return host;
}

function sshArgv(settings: SshSettings, more: readonly string[]): string[] {
  return [
    'ssh',
    '-T',
    ...['-o', 'BatchMode=yes', '-o', `ConnectTimeout=${Math.ceil(settings['connect-timeout-s'])}`],
    // A host that is gone is noticed within half a minute.
    ...['-o', 'ServerAliveInterval=10', '-o', 'ServerAliveCountMax=3'],
    ...settings['ssh-args'],
    ...more,
  ];
}

function sshCommand(
  settings: SshSettings,
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
): HostCommand {
  const lines = Object.entries(env).map(([name, value]) => {
    if (/[\n\0]/.test(value))
      throw new InputError(`${name} has a line break, which cannot be passed on over ssh`);
    return `${name}=${value}\n`;
  });
  const there = lines.length === 0 ? argv : ['sh', '-c', readEnvironment, 'with-environment', ...argv];
  return {
    argv: sshArgv(settings, ['--', settings.destination, remoteCommand(there)]),
    env: {},
    input: lines.length === 0 ? '' : `${lines.join('')}\n`,
  };
}

/** The launcher there calls its own machine 127.0.0.1; from here that is the host itself. */
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
    ...['-N', '-o', 'ExitOnForwardFailure=yes', '-L', forward, '--', settings.destination],
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
        throw new EngineFailure('node-lost', `no tunnel to ${settings.destination}: ${said.trim()}`);
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
  const { connect } = await import('node:net');
  return await new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
      .once('connect', () => {
        socket.destroy();
        resolve(true);
      })
      .once('error', () => resolve(false));
  });
}
