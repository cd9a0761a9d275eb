import { existsSync } from 'node:fs';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { messageOf } from '../errors.ts';
import { attempt, type Finding } from '../finding.ts';
import { freeBytesAt, thisMachine } from '../hosts/index.ts';
import { acceleratorsInWords, engineRecords, environmentFinding, examineLoad } from '../launchers/index.ts';
import { isAlive } from '../process/identity.ts';
import { environmentOf } from '../telemetry/index.ts';
import { clockJumpMs, clockSync } from './clock.ts';

const watchMs = 500;
/** A clock that jumps this far while idle will also jump during a measurement. */
const jumpMs = 20;

/** Checks of this machine, whichever pools it uses. */
export async function examineMachine(folders: {
  readonly recordFolder: string;
  readonly stateDir: string;
  readonly cacheDir: string;
}): Promise<Finding[]> {
  const findings = await Promise.all([
    examineEnvironment(),
    attempt('disk', 'choose a folder on another disk', async () => [
      await roomIn('state', folders.stateDir, 0.2, 2, 'choose another with --state-dir'),
      await roomIn('cache', folders.cacheDir, 1, 20, 'choose another with --cache-dir'),
    ]),
    attempt('clock', 'check whether timedatectl or chronyc works', examineClock),
    attempt(
      'engines',
      'delete the records of engines that no longer exist',
      async () => await examineRecords(folders.recordFolder),
    ),
  ]);
  return findings.flat();
}

async function examineEnvironment(): Promise<Finding[]> {
  const environment = await environmentOf(thisMachine);
  const { accelerators } = environment;
  return [
    environmentFinding(environment),
    ...(await examineLoad(thisMachine, environment)),
    ...(accelerators === undefined
      ? []
      : [{ check: 'accelerators', state: 'ok', message: acceleratorsInWords(accelerators) } as const]),
  ];
}

async function roomIn(
  what: string,
  folder: string,
  leastGb: number,
  goodGb: number,
  todo: string,
): Promise<Finding> {
  const refusal = await writeRefusal(folder);
  if (refusal !== undefined) {
    const message = `the ${what} in ${folder} cannot be written: ${refusal}`;
    return { check: 'disk', state: 'problem', message, todo: `grant write permission, or ${todo}` };
  }
  const freeGb = (await freeBytesAt(thisMachine, folder)) / 1e9;
  const message = `${freeGb.toFixed(1)} GB free for the ${what} in ${folder}`;
  if (freeGb >= goodGb) return { check: 'disk', state: 'ok', message };
  return {
    check: 'disk',
    state: freeGb < leastGb ? 'problem' : 'warning',
    message,
    todo: `free some space, or ${todo}`,
  };
}

/**
 * Explains why nothing can be written in a folder, or in its nearest existing parent; undefined if it is writable.
 * Permissions are not reliable on every file system, so this creates a folder and removes it again.
 */
async function writeRefusal(folder: string): Promise<string | undefined> {
  const existing = nearestExisting(resolve(folder));
  try {
    await rmdir(await mkdtemp(join(existing, '.doctor-')));
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : nearestExisting(dirname(path));
}

async function examineClock(): Promise<Finding[]> {
  const [jump, sync] = await Promise.all([clockJumpMs(watchMs), clockSync(thisMachine)]);
  const findings: Finding[] = [];
  if (Math.abs(jump) > jumpMs) {
    findings.push({
      check: 'clock',
      state: 'warning',
      message: `the wall clock moved by ${jump.toFixed(0)} ms against the monotonic one within ${watchMs} ms`,
      todo: 'find out what adjusts the clock; measurements use the monotonic clock, but row timestamps will be wrong',
    });
  }
  if (sync === undefined) {
    findings.push({
      check: 'clock',
      state: 'ok',
      message: 'steady; whether it is synchronized is unknown',
    });
  } else if (!sync.synchronized) {
    findings.push({
      check: 'clock',
      state: 'warning',
      message: 'the clock is not synchronized',
      todo: 'start chrony or systemd-timesyncd, because rows of different machines are ordered by time',
    });
  } else {
    const offset = sync.offsetS === undefined ? '' : `, ${(sync.offsetS * 1000).toFixed(3)} ms off`;
    findings.push({ check: 'clock', state: 'ok', message: `synchronized${offset}` });
  }
  return findings;
}

async function examineRecords(folder: string): Promise<Finding[]> {
  // Listing records would create their folder, and the doctor must not change anything.
  const records = existsSync(folder) ? await engineRecords(folder).list() : [];
  if (records.length === 0) return [{ check: 'engines', state: 'ok', message: 'no engine is running' }];
  return await Promise.all(
    records.map(async ({ sessionId, launcher, port, owner, machine }): Promise<Finding> => {
      const engine = `the ${launcher} engine of session ${sessionId} (port ${port})`;
      if (machine !== hostname())
        return { check: 'engines', state: 'ok', message: `${engine} belongs to machine ${machine}` };
      if (await isAlive(owner))
        return { check: 'engines', state: 'ok', message: `${engine} is being used by process ${owner.pid}` };
      return {
        check: 'engines',
        state: 'warning',
        message: `${engine} was left behind by process ${owner.pid}, which has died`,
        todo: 'the next run on its pool stops it',
      };
    }),
  );
}
