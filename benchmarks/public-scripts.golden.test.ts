import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { engineFor } from '../src/engines/index.ts';
import { matrixEntrySchema } from '../src/identity/index.ts';
import { type EngineSession, loadRecipes, planSessions } from '../src/plan/index.ts';
import { commandMeaning } from './testdata/command-meaning.ts';

const folder = new URL('../../shared/upstream-2026-01/recipes/', import.meta.url);
const present = existsSync(folder);
if (!present)
  console.warn(`skipped: the recorded commands of the public scripts are not at ${folder.pathname}`);

const recorded = z.object({
  entry: matrixEntrySchema,
  variant: z.enum(['docker', 'slurm']),
  server: z.object({
    argv: z.array(z.string()),
    env: z.record(z.string(), z.string()),
    files: z.record(z.string(), z.string()),
  }),
  client: z.array(z.string()),
});

/** Plans an entry of a recorded command; the pool selects the recipe and the hardware. */
async function planned({ entry, variant }: z.infer<typeof recorded>) {
  const hardware = entry.runner;
  const { sessions } = planSessions([entry], {
    recipes: await loadRecipes([{ entry, hardware }]),
    hardwareOf: () => hardware,
    launcherOf: () => variant,
  });
  const [session] = sessions;
  if (session === undefined) throw new Error('no session was planned');
  return session;
}

function commandOf({ framework, model, server }: EngineSession) {
  const { argv, env } = engineFor(framework).command({
    modelPath: model,
    servedModelName: model,
    host: '127.0.0.1',
    port: 8888,
    args: server.args,
  });
  return { ...commandMeaning(argv), env: { ...env, ...server.env } };
}

describe.skipIf(!present)('commands of the public scripts', () => {
  const files = present ? readdirSync(folder).filter((name) => name.endsWith('.jsonl')) : [];
  test.each(files)('%s', async (name) => {
    const lines = readFileSync(new URL(name, folder), 'utf8').trim().split('\n');
    for (const line of lines) {
      const theirs = recorded.parse(JSON.parse(line));
      const ours = await planned(theirs);
      const shown = JSON.stringify(theirs.entry);
      expect(commandOf(ours), shown).toEqual({
        ...commandMeaning(theirs.server.argv),
        env: theirs.server.env,
      });
      expect(
        Object.fromEntries(ours.server.files.map(({ path, content }) => [path, parse(content)])),
        shown,
      ).toEqual(
        Object.fromEntries(Object.entries(theirs.server.files).map(([path, text]) => [path, parse(text)])),
      );
      const client = commandMeaning(theirs.client).flags;
      const [point] = ours.points;
      expect(
        {
          '--random-input-len': String(point?.entry.isl),
          '--random-output-len': String(point?.entry.osl),
          '--random-range-ratio': String(point?.client.randomRangeRatio),
          '--num-prompts': String(point?.client.numPrompts),
          '--max-concurrency': String(point?.conc),
          '--use-chat-template': point?.client.useChatTemplate,
        },
        shown,
      ).toEqual({
        '--random-input-len': client['--random-input-len'],
        '--random-output-len': client['--random-output-len'],
        '--random-range-ratio': client['--random-range-ratio'],
        '--num-prompts': client['--num-prompts'],
        '--max-concurrency': client['--max-concurrency'],
        '--use-chat-template': client['--use-chat-template'] ?? false,
      });
    }
  });
});
