import { Argument, Command } from 'commander';
import { knownTitles } from '../../../app/known-titles.ts';
import { StateFolder } from '../../../app/state-folder.ts';
import { formatProblem, InputError, type Problem } from '../../../errors.ts';
import { printableLines } from '../../../printable.ts';
import { isLocked } from '../../../process/lock.ts';
import { findSweep, type KeptSweep, storyOf, sweepsIn } from '../../../sweep/index.ts';
import { jsonOption, stateDirOption } from '../../options.ts';
import { listOfSweeps, storyInWords, type ToldStory } from './story-in-words.ts';

interface SweepOptions {
  readonly stateDir: string;
  readonly json?: true;
}

/** `inferencemax sweep`: shows the sweeps in a state folder. */
export function command(): Command {
  return new Command('sweep')
    .description('Shows sweeps: sessions, points, attempts, failures and engine time.')
    .addCommand(list())
    .addCommand(show())
    .addHelpText(
      'after',
      '\nExamples:\n  inferencemax sweep list\n  inferencemax sweep show\n  inferencemax sweep show run-20260114-101500-3f9a --json',
    );
}

function list(): Command {
  return new Command('list')
    .description('Lists the sweeps in the state folder, newest first.')
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  inferencemax sweep list')
    .action(async (options: SweepOptions) => {
      const { stories, damaged } = await storiesIn(new StateFolder(options.stateDir).runs);
      for (const problem of damaged)
        process.stderr.write(`warning: ${printableLines(formatProblem(problem))}\n`);
      const short = stories.map(({ sessions, nodes: _, ...story }) => ({
        ...story,
        sessions: sessions.length,
      }));
      process.stdout.write(
        options.json ? `${JSON.stringify(short)}\n` : printableLines(listOfSweeps(stories)),
      );
    });
}

function show(): Command {
  return new Command('show')
    .description('Shows one sweep from its journal.')
    .addArgument(new Argument('[sweep]', 'sweep id (default: the newest)'))
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addHelpText('after', '\nExample:\n  inferencemax sweep show')
    .action(async (id: string | undefined, options: SweepOptions) => {
      const { runs } = new StateFolder(options.stateDir);
      const found = await findSweep(runs, id);
      if (found === undefined) {
        throw new InputError(
          id === undefined ? `there is no sweep in ${runs}` : `there is no sweep ${id} in ${runs}`,
          'list sweeps with `inferencemax sweep list`; choose another state folder with --state-dir',
          { code: 'bad-option' },
        );
      }
      const story = await told(found);
      process.stdout.write(
        options.json
          ? `${JSON.stringify({ ...story, directory: found.directory.path })}\n`
          : printableLines(storyInWords(story, found.directory.path, await knownTitles())),
      );
    });
}

/** All readable sweeps, newest first, and the problems of the others. */
async function storiesIn(runs: string): Promise<{ stories: ToldStory[]; damaged: readonly Problem[] }> {
  const damaged: Problem[] = [];
  const sweeps = await sweepsIn(runs, (problems) => damaged.push(...problems));
  const stories = await Promise.all(
    sweeps.map(async (sweep): Promise<ToldStory[]> => {
      try {
        return [await told(sweep)];
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        damaged.push(...error.problems);
        return [];
      }
    }),
  );
  return { stories: stories.flat(), damaged };
}

/** The log of a sweep, which may still be running. */
async function told({ directory, sweep }: KeptSweep): Promise<ToldStory> {
  const running = await isLocked(directory.lock);
  return { ...storyOf(sweep, await directory.history()), running };
}
