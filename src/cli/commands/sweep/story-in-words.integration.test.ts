import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { knownTitles } from '../../../app/known-titles.ts';
import type { SweepStory } from '../../../sweep/index.ts';
import { storyInWords } from './story-in-words.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'by hand '));
});
afterEach(async () => await rm(folder, { recursive: true }));

const story = (argv: readonly string[]): SweepStory => ({
  sweepId: 'run-1',
  createdAt: '2026-01-14T10:15:00Z',
  command: 'run',
  state: 'finished',
  runs: 1,
  elapsedS: 60,
  engineStarts: 1,
  engineS: 60,
  acceleratorHours: 0.1,
  orphansEnded: 0,
  points: { finished: 0, begun: 0, failed: 1, skipped: 0, 'left-out': 0, waiting: 0 },
  sessions: [
    {
      id: 'a-session',
      servedModel: 'dsr1',
      precision: 'fp8',
      framework: 'sglang',
      hardware: 'h200',
      runner: 'h200',
      accelerators: 8,
      state: 'failed',
      starts: 1,
      argv,
      nodes: ['gpu-05'],
      engineS: 60,
      loadingS: 60,
      acceleratorHours: 0.1,
      failures: [
        {
          at: '2026-01-14T10:16:00Z',
          node: 'gpu-05',
          failureClass: 'gpu-memory',
          message: 'no room',
          next: 'give-up',
        },
      ],
      checks: [],
      points: [],
    },
  ],
  nodes: [],
});

test('the command by hand starts, in a shell, what the sweep started, word for word', async () => {
  const engine = join(folder, 'engine.mjs');
  await writeFile(engine, 'process.stdout.write(JSON.stringify(process.argv.slice(2)));');
  const args = ['--json', '{"a": "it\'s $HOME `x`"}', '', '*', 'ü', '--note', 'two\nlines', '~'];
  const titles = await knownTitles();
  const ran = { ...story([process.execPath, engine, ...args]), running: false };
  const told = storyInWords(ran, folder, titles);
  const [, command = ''] = /^ {2}by hand: ([\s\S]*?)\n {2}log: /m.exec(told) ?? [];
  expect(JSON.parse(execFileSync('sh', ['-c', command], { encoding: 'utf8' }))).toEqual(args);
  expect(told).toContain('log: sessions/a-session/engine.log');
  expect(told).toContain('gpu-memory, given up, since it would fail the same way again: no room');
});
