import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { refuseFileOptions, wordsOf } from './command-line.ts';

describe('a command line that no shell reads', () => {
  test('is split at white space, quotes keep words together, wildcards stay', () => {
    expect(wordsOf(`test-config  --config-keys 'dsr1 *'  gptoss-* ""\n--count`)).toEqual([
      'test-config',
      '--config-keys',
      'dsr1 *',
      'gptoss-*',
      '',
      '--count',
    ]);
    expect(wordsOf('  ')).toEqual([]);
  });

  test.each(['a; rm -rf /', 'a && b', 'a | b', '$(id)', '`id`', 'a > b', 'a \\ b'])(
    'what only a shell understands is an error: %s',
    (line) => {
      expect(() => wordsOf(line)).toThrow(InputError);
    },
  );

  test('a quote that is not closed is an error', () => {
    expect(() => wordsOf(`--config-keys "a b`)).toThrow(/not closed/);
  });

  test('any words come back as they were once each is quoted', () => {
    const word = fc.string().filter((text) => !text.includes("'"));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(wordsOf(words.map((text) => `'${text}'`).join(' '))).toEqual(words);
      }),
    );
  });
});

describe('a file in a command line from a comment', () => {
  test.each([
    ['--config-files', '/etc/passwd'],
    ['--config-files', '.github/configs/cpu-master.yaml', '../.env'],
    ['--config-files=.env'],
    ['--master-config', '.github/configs/../../.env.yaml'],
    ['--runner-config', '.env'],
    ['--runners-config=/etc/passwd'],
    ['--changelog-file', '.env'],
  ])('is refused outside the folder of configs: %s %s', (...words) => {
    expect(() => refuseFileOptions(['full-sweep', ...words, '--single-node'])).toThrow(/\.github\/configs/);
  });

  test('may be a config, and other options take what they like', () => {
    refuseFileOptions(['full-sweep', '--config-files', '.github/configs/cpu-master.yaml', '--single-node']);
    refuseFileOptions(['test-config', '--config-keys', 'a/b', '--explain', '/x']);
  });
});
