import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { oneSessionStory } from '../../../../test/support/one-session-story.ts';
import { knownTitles } from '../../../app/known-titles.ts';
import { storyInWords } from './story-in-words.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'by hand '));
});
afterEach(async () => await rm(folder, { recursive: true }));

const story = (argv: readonly string[]) =>
  oneSessionStory({
    id: 'a-session',
    servedModel: 'dsr1',
    state: 'failed',
    argv,
    nodes: ['gpu-05'],
    failures: [
      {
        at: '2026-01-14T10:16:00Z',
        node: 'gpu-05',
        failureClass: 'gpu-memory',
        message: 'no room',
        next: 'give-up',
      },
    ],
  });

test('the printed command starts exactly what the sweep started', async () => {
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
