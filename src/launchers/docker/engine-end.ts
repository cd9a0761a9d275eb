import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkError } from '../../errors.ts';
import type { Host, ProcessExit } from '../../hosts/index.ts';
import { EngineFailure } from '../engine-failure.ts';
import { logTail } from '../engine-log.ts';
import { exitOf } from '../host-process.ts';
import type { EngineExit, ExitReason } from '../launcher.ts';
import type { Containers, SeenContainer } from './containers.ts';
import { lostDaemon } from './daemon.ts';

const { signals } = constants;

/** The engine whose `docker run` has exited. */
export interface EndedClient {
  readonly token: string;
  /** The program that the container runs. */
  readonly command: string;
  readonly logPath: string;
  /** Whether we are stopping it. */
  readonly isEnding: () => boolean;
}

/**
 * How an engine ended, according to the daemon: `docker run` also exits when it loses its daemon, and the container may
 * outlive both. Waits for the end of the container; undefined if the exit of `docker run` says everything.
 */
export async function engineEnd(
  client: ProcessExit,
  engine: EndedClient,
  { host, containers }: { readonly host: Host; readonly containers: Containers },
): Promise<EngineExit | undefined> {
  const { token, logPath, isEnding } = engine;
  // Exit code of ssh, which the caller interprets.
  if (client.code === 255 && host.destination !== undefined) return undefined;
  const said = await logTail(logPath);
  let wasAway = client.code === 125 && lostDaemon(said);
  let clientCode = client.code;
  let checksLeft = checksAfterEnd;
  try {
    for (;;) {
      const seen = await containers.see(token, () => {
        wasAway = true;
      });
      if (isEnding()) return undefined;
      if (seen?.running === true) {
        wasAway = !(await follow(host, seen, logPath));
        clientCode = null;
      } else if (!wasAway && checksLeft > 0 && seen?.started === true && wasStopped(seen)) {
        checksLeft -= 1;
        await delay(checkMs);
      } else if (wasAway && (checksLeft < checksAfterEnd || seen?.exitCode !== clientCode)) {
        const message = 'the Docker daemon was restarted, and the engine ended with it';
        return { ...client, reason: { failureClass: 'node-lost', message } };
      } else {
        return endOf(client, engine, seen, said);
      }
    }
  } catch (error) {
    if (!(error instanceof WorkError)) throw error;
    const failureClass = error instanceof EngineFailure ? error.failureClass : 'node-lost';
    return { ...client, reason: { failureClass, message: error.message } };
  }
}

/** A daemon that shuts down stops its containers first, so its state is checked a few more times. */
const checksAfterEnd = 8;
const checkMs = 250;

/** Whether a container's end looks like a stop, by a user or by a daemon that shuts down. */
function wasStopped({ exitCode, outOfMemory }: SeenContainer): boolean {
  return !outOfMemory && [0, 128 + signals.SIGTERM, 128 + signals.SIGKILL].includes(exitCode);
}

function endOf(
  client: ProcessExit,
  { command }: EndedClient,
  seen: SeenContainer | undefined,
  said: string,
): EngineExit | undefined {
  if (seen?.started !== true) {
    const reason = refusalOf(client, command, said);
    return reason && { ...client, reason };
  }
  const exit = exitOf({ code: seen.exitCode, signal: null });
  const [, refused] = initError.exec(said) ?? [];
  if (refused !== undefined && (seen.exitCode === 126 || seen.exitCode === 127))
    return { ...exit, reason: unfit(command, refused) };
  if (!seen.outOfMemory) return exit;
  return { ...exit, reason: { failureClass: 'out-of-memory', message: outOfMemory } };
}

const outOfMemory = "the kernel killed a process of the container because the container's memory ran out";

/** Appends the output of a container to the log until it ends; returns whether the daemon was reachable throughout. */
async function follow(host: Host, { id }: SeenContainer, logPath: string): Promise<boolean> {
  const since = new Date().toISOString();
  const logs = await host.start(['docker', 'logs', '--follow', '--since', since, id], { env: {}, logPath });
  try {
    const { code } = await host.run(['docker', 'wait', id], { timeoutMs: longestMs });
    return code === 0;
  } finally {
    logs.kill('SIGTERM');
  }
}

/** The longest delay that a timer supports. */
const longestMs = 2 ** 31 - 1;

/** How the container's init process (`--init`) reports that it could not run the command. */
const initError = /\[FATAL tini \(\d+\)\] (exec .* failed: .*)/;

function unfit(command: string, words: string): ExitReason {
  return { failureClass: 'image-unfit', message: `the image has no command ${command}: ${words}` };
}

/** How docker reports that it could not run the command itself. */
const execError = /\bexec: "|\bexec \/\S*: |executable file not found|exec format error/;

/** Why a container never started, according to the exit codes that `docker run` reserves. */
function refusalOf({ code }: ProcessExit, command: string, said: string): ExitReason | undefined {
  if (code !== 125 && code !== 126 && code !== 127) return undefined;
  const words = dockerError(said);
  return code !== 125 && execError.test(words)
    ? unfit(command, words)
    : { failureClass: 'cannot-start', message: `docker cannot run it: ${words}` };
}

/** The daemon's error with the lines that explain it; the hint that the client prints last is left out. */
function dockerError(said: string): string {
  const lines = said.split('\n').filter((line) => !/^Run 'docker .*--help'|^See 'docker/.test(line));
  const daemon = lines.findLastIndex((line) => line.includes('Error response from daemon'));
  if (daemon < 0) return lines.findLast((line) => line.trim() !== '') ?? '';
  return lines.slice(daemon, daemon + 3).join('; ');
}
