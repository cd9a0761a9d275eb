import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { remoteCommand } from './quote.ts';

test('a POSIX shell parses the text into exactly the same words', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
    fc.constantFrom(
      '',
      "'",
      '"',
      '$HOME',
      '`id`',
      '$(id)',
      '\\',
      '*',
      '-n',
      'a\nb',
      '; rm x',
      '~',
      '!!',
      'ä',
    ),
  );
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), (words) => {
      const { stdout } = spawnSync('sh', ['-c', `printf '%s\\0' ${remoteCommand(words)}`], {
        encoding: 'utf8',
      });
      expect(stdout.split('\0').slice(0, -1)).toEqual(words);
    }),
    { numRuns: runs(10) },
  );
});
