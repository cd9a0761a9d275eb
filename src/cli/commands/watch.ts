import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { Cron } from 'croner';
import { publishSite } from '../../app/publish-site.ts';
import { StateFolder } from '../../app/state-folder.ts';
import { WatchedRepository } from '../../app/watched-repository.ts';
import { passingTrouble, watchedSweep } from '../../app/watched-sweep.ts';
import { commitOf } from '../../changelog/index.ts';
import { defined } from '../../defined/defined.ts';
import { InputError, messageOf } from '../../errors.ts';
import { tryLock } from '../../process/lock.ts';
import {
  type Postponed,
  readWatchState,
  type WatchEvent,
  type WatchState,
  watch,
  writeWatchState,
} from '../../watch/index.ts';
import { durationS } from '../duration.ts';
import { Interrupted, interruptedExitCode, withInterrupt } from '../interrupt.ts';
import { siteUrlOption } from '../options.ts';
import { performAndPrint } from '../perform.ts';
import { storeLocation } from '../store-location.ts';
import { performOptions, type SweepOptionValues, sweepOptions } from '../sweep-options.ts';

interface WatchOptions extends SweepOptionValues {
  readonly repository: string;
  readonly ref: string;
  readonly remote?: string;
  readonly changelogFile: string;
  readonly configFiles?: readonly string[];
  readonly runnerConfig?: string;
  readonly since?: string;
  readonly poll: number;
  readonly schedule?: string;
  readonly olderThan: number;
  readonly publish?: string;
  readonly siteUrl?: URL;
  readonly once?: true;
}

/** `inferencemax watch`: the whole loop on one machine, from a changelog change to a published page. */
export function command(): Command {
  const watching = new Command('watch')
    .description(
      'Watches a git ref and a schedule: measures what the changelog asks for and what is stale, stores the results and publishes the page.',
    )
    .addOption(new Option('--repository <folder>', 'repository with configs and changelog').default('.'))
    .addOption(new Option('--ref <ref>', 'branch or other ref to watch').default('main'))
    .addOption(new Option('--remote <name>', 'fetch the ref from this remote before each check'))
    .addOption(
      new Option('--changelog-file <file>', 'path of the changelog from the repository root').default(
        'perf-changelog.yaml',
      ),
    )
    .addOption(
      new Option(
        '--config-files <files...>',
        'paths of master configs from the repository root (default: those in .github/configs or configs)',
      ),
    )
    .addOption(
      new Option(
        '--runner-config <file>',
        'path of the runner pool file from the repository root (default: runners.yaml beside the configs or in the folder above)',
      ),
    )
    .addOption(
      new Option(
        '--since <ref>',
        'start from this commit (default: where the last watch stopped, else the current commit)',
      ),
    )
    .addOption(
      new Option('--poll <duration>', 'interval between checks of the ref')
        .argParser(durationS)
        .default(durationS('1m'), '1m'),
    )
    .addOption(new Option('--schedule <cron>', "cron schedule for stale points, such as '0 2 * * *'"))
    .addOption(
      new Option('--older-than <duration>', 'maximum age of a measurement each time the schedule fires')
        .argParser(durationS)
        .default(durationS('7d'), '7d'),
    )
    .addOption(new Option('--publish <folder>', 'publish the dashboard to this folder after each sweep'))
    .addOption(siteUrlOption())
    .addOption(new Option('--once', 'do what is due now, then exit'));
  for (const option of sweepOptions()) watching.addOption(option);
  return watching
    .addHelpText(
      'after',
      `
Example:
  inferencemax watch --remote origin --ref main --schedule '0 2 * * *' --time-budget 6h --publish /srv/www/inferencemax

Every step is recorded before it starts, so you can kill the watch at any moment; the next start continues from there.`,
    )
    .action(async (options: WatchOptions) => {
      const state = new StateFolder(options.stateDir);
      const release = await tryLock(join(state.path, 'watch', 'watch.lock'));
      if (typeof release !== 'function') {
        throw new InputError(
          `another watch of ${state.path} is running, process ${release.pid}`,
          'stop it, or name another folder with --state-dir',
          { code: 'sweep-in-use' },
        );
      }
      try {
        process.exitCode = await watchUntilInterrupted(state, options);
      } finally {
        await release();
      }
    });
}

async function watchUntilInterrupted(state: StateFolder, options: WatchOptions): Promise<number> {
  const file = join(state.path, 'watch', 'state.json');
  const { configFiles, runnerConfig } = options;
  const named = defined({ configFiles, runnerConfig });
  const repository = new WatchedRepository(options.repository, options.ref, options.remote, named);
  const cron = cronOf(options.schedule);
  let told = false;
  const tell = (event: WatchEvent) => {
    told = true;
    process.stderr.write(options.json ? `${JSON.stringify(event)}\n` : `${inWords(event)}\n`);
  };
  let failed = 0;
  const loop = async (signal: AbortSignal) => {
    let head = await repository.head(signal);
    const start = await startState(file, options, head);
    await writeWatchState(file, start);
    await watch(
      start,
      {
        head: async () => {
          head = await repository.head(signal);
          return head;
        },
        nextDue: (after) => cron?.nextRun(after) ?? undefined,
        sweep: async (sweepId, occasion) => {
          const end = await watchedSweep(sweepId, occasion, {
            repository,
            changelogFile: options.changelogFile,
            olderThanS: options.olderThan,
            state,
            store: storeLocation(options),
            perform: async (kept, pools) => {
              const exitCode = await performAndPrint(kept, {
                ...(await performOptions(state, options)),
                pools,
              });
              if (exitCode === interruptedExitCode) throw new Interrupted('interrupted');
              return { failed: exitCode === 0 ? 0 : 1 };
            },
            head: () => head,
          });
          if (end.state !== 'nothing-asked' && !(end.state === 'measured' && end.failed === 0)) failed += 1;
          return end;
        },
        publish: async () => {
          const end = await published(options);
          if (end.state === 'postponed') failed += 1;
          return end;
        },
        save: async (next) => await writeWatchState(file, next),
        now: () => new Date(),
        wait: async (ms) => await delay(ms, undefined, { signal }),
        tell,
      },
      { pollMs: options.poll * 1000, once: options.once ?? false },
    );
  };
  try {
    await withInterrupt(loop, () => process.stderr.write('interrupted: watch stopped\n'));
    if (!told && !options.json) process.stderr.write('nothing to do\n');
    return failed > 0 ? 1 : 0;
  } catch (error) {
    if (error instanceof Interrupted || (error instanceof Error && error.name === 'AbortError')) {
      return interruptedExitCode;
    }
    throw error;
  }
}

async function published(options: WatchOptions): Promise<{ readonly state: 'published' } | Postponed> {
  try {
    if (options.publish !== undefined)
      await publishSite(
        storeLocation(options),
        options.publish,
        (text) => process.stderr.write(`${text}\n`),
        options.siteUrl,
      );
    return { state: 'published' };
  } catch (error) {
    const reason = passingTrouble(error);
    if (reason === undefined) throw error;
    return { state: 'postponed', reason };
  }
}

/** Where the watch starts: at `--since`, otherwise where the last watch stopped. */
async function startState(file: string, options: WatchOptions, head: string): Promise<WatchState> {
  const last = await readWatchState(file);
  if (options.since === undefined) {
    return last ?? { seen: head, scheduledUpTo: new Date().toISOString(), publishDue: false };
  }
  const { current: _, ...rest } = last ?? { scheduledUpTo: new Date().toISOString(), publishDue: false };
  return { ...rest, seen: await commitOf(options.repository, options.since) };
}

function cronOf(schedule: string | undefined): Cron | undefined {
  if (schedule === undefined) return undefined;
  try {
    return new Cron(schedule, { paused: true });
  } catch (error) {
    throw new InputError(
      `'${schedule}' is not a cron schedule: ${messageOf(error)}`,
      "expected five fields: minute, hour, day of month, month, weekday, such as '0 2 * * *' for every night at 02:00",
    );
  }
}

function inWords(event: WatchEvent): string {
  switch (event.type) {
    case 'sweep-begins':
      return event.occasion.kind === 'change'
        ? `${event.sweepId}: changelog entries since ${event.occasion.base.slice(0, 12)}`
        : `${event.sweepId}: stale points, due at ${event.occasion.dueAt}`;
    case 'sweep-ended': {
      const { end } = event;
      if (end.state === 'nothing-asked') return `${event.sweepId}: nothing to measure`;
      if (end.state === 'impossible') return `${event.sweepId}: cannot be run: ${end.reason}`;
      if (end.state === 'postponed') return `${event.sweepId}: is tried again: ${end.reason}`;
      return `${event.sweepId}: ended${end.failed > 0 ? ', with failures' : ''}`;
    }
    case 'published':
      return 'published';
    case 'publishing-postponed':
      return `publishing is tried again: ${event.reason}`;
    case 'waiting':
      return `waiting at ${event.head.slice(0, 12)}${event.nextDue === undefined ? '' : `; stale points are due at ${event.nextDue}`}`;
    case 'trouble':
      return `check failed: ${event.message}; trying again`;
  }
}
