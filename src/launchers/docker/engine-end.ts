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

/** The engine whose client has ended. */
export interface EndedClient {
  readonly token: string;
  /** The program that the container was to run. */
  readonly command: string;
  readonly logPath: string;
  /** Whether it is being ended on purpose. */
  readonly isEnding: () => boolean;
}

/**
 * How an engine ended, by what the daemon says of its container: the client ends as well when it loses the daemon, and
 * the container may outlive both. Waits until it has ended; undefined if the client's end is all there is to know.
 */
export async function engineEnd(
  client: ProcessExit,
  engine: EndedClient,
  { host, containers }: { readonly host: Host; readonly containers: Containers },
): Promise<EngineExit | undefined> {
  const { token, logPath, isEnding } = engine;
  // That of ssh: what it means is known where it was called.
  if (client.code === 255 && host.destination !== undefined) return undefined;
  const said = await logTail(logPath);
  let wasAway = client.code === 125 && lostDaemon(said);
  let clientCode = client.code;
  let looks = looksAfterEnd;
  try {
    for (;;) {
      const seen = await containers.see(token, () => {
        wasAway = true;
      });
      if (isEnding()) return undefined;
      if (seen?.running === true) {
        wasAway = !(await follow(host, seen, logPath));
        clientCode = null;
      } else if (!wasAway && looks > 0 && seen?.started === true && isAsked(seen)) {
        looks -= 1;
        await delay(lookMs);
      } else if (wasAway && (looks < looksAfterEnd || seen?.exitCode !== clientCode)) {
        const message = 'the docker daemon was restarted, and the engine ended with it';
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

/** A daemon that is being ended ends its containers first: it is looked at for a while, whether it goes away. */
const looksAfterEnd = 8;
const lookMs = 250;

/** Whether a container ended as one does that is asked to: by somebody, or by a daemon that is being ended. */
function isAsked({ exitCode, outOfMemory }: SeenContainer): boolean {
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
  const [, refused] = wordsOfInit.exec(said) ?? [];
  if (refused !== undefined && (seen.exitCode === 126 || seen.exitCode === 127))
    return { ...exit, reason: unfit(command, refused) };
  if (!seen.outOfMemory) return exit;
  return { ...exit, reason: { failureClass: 'out-of-memory', message: outOfMemory } };
}

const outOfMemory = "the kernel ended a process of the container because the container's memory ran out";

/** Appends what a container says to the log until it ends; returns whether the daemon was there all the time. */
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

/** No engine runs for longer than a timer can wait. */
const longestMs = 2 ** 31 - 1;

/** How the init of a container (`--init`) says that it could not run the command. */
const wordsOfInit = /\[FATAL tini \(\d+\)\] (exec .* failed: .*)/;

function unfit(command: string, words: string): ExitReason {
  return { failureClass: 'image-unfit', message: `the image has no command ${command}: ${words}` };
}

/** How docker says that it could not run the command itself. */
const wordsOfExec = /\bexec: "|\bexec \/\S*: |executable file not found|exec format error/;

/** Why a container was never started, by the exit codes that `docker run` has of its own. */
function refusalOf({ code }: ProcessExit, command: string, said: string): ExitReason | undefined {
  if (code !== 125 && code !== 126 && code !== 127) return undefined;
  const words = wordsOfDocker(said);
  return code !== 125 && wordsOfExec.test(words)
    ? unfit(command, words)
    : { failureClass: 'cannot-start', message: `docker cannot run it: ${words}` };
}

/** What the daemon says, and what said it to the daemon; docker's client ends with a hint that says nothing. */
function wordsOfDocker(said: string): string {
  const lines = said.split('\n').filter((line) => !/^Run 'docker .*--help'|^See 'docker/.test(line));
  const daemon = lines.findLastIndex((line) => line.includes('Error response from daemon'));
  if (daemon < 0) return lines.findLast((line) => line.trim() !== '') ?? '';
  return lines.slice(daemon, daemon + 3).join('; ');
}
