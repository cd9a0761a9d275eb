import { Argument, Command } from 'commander';
import { InputError } from '../../errors.ts';
import { isLocked } from '../../process/lock.ts';
import { type KeptSweep, storyOf, sweepsIn } from '../../sweep/index.ts';
import { jsonOption, stateDirOption } from '../options.ts';
import { StateFolder } from '../state-folder.ts';
import { listOfSweeps, storyInWords } from '../sweep/story-in-words.ts';

interface SweepOptions {
  readonly stateDir: string;
  readonly json?: true;
}

/** `inferencemax sweep`: what happened in the sweeps of a state folder. */
export function command(): Command {
  return new Command('sweep')
    .description('Tells what happened in sweeps: sessions, points, attempts, failures, engine time.')
    .addCommand(list())
    .addCommand(show())
    .addHelpText(
      'after',
      '\nExamples:\n  inferencemax sweep list\n  inferencemax sweep show\n  inferencemax sweep show run-20260114-101500-3f9a --json',
    );
}

function list(): Command {
  return new Command('list')
    .description('Lists the sweeps of the state folder, the newest first.')
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  inferencemax sweep list')
    .action(async (options: SweepOptions) => {
      const sweeps = await sweepsIn(new StateFolder(options.stateDir).runs);
      const stories = await Promise.all(sweeps.map(told));
      const short = stories.map(({ sessions, nodes: _, ...story }) => ({
        ...story,
        sessions: sessions.length,
      }));
      process.stdout.write(options.json ? `${JSON.stringify(short)}\n` : listOfSweeps(stories));
    });
}

function show(): Command {
  return new Command('show')
    .description('Tells the story of one sweep from its journal.')
    .addArgument(new Argument('[sweep]', 'its id (default: the newest one)'))
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  inferencemax sweep show')
    .action(async (id: string | undefined, options: SweepOptions) => {
      const { runs } = new StateFolder(options.stateDir);
      const found = (await sweepsIn(runs)).find(({ sweep }) => id === undefined || sweep.sweepId === id);
      if (found === undefined) {
        throw new InputError(
          id === undefined ? `there is no sweep in ${runs}` : `there is no sweep ${id} in ${runs}`,
          '`inferencemax sweep list` lists those there are; another state folder is named with --state-dir',
        );
      }
      const story = await told(found);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ ...story, directory: found.directory.path })}\n`
          : storyInWords(story, found.directory.path),
      );
    });
}

/** The story of a sweep, which may be going on right now. */
async function told({ directory, sweep }: KeptSweep) {
  const running = await isLocked(directory.lock);
  return { ...storyOf(sweep, await directory.history()), running };
}
