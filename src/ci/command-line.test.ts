import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../errors.ts';
import { refuseFileOptions, wordsOf } from './command-line.ts';

describe('a command line that no shell reads', () => {
  test('is split at whitespace, with quoted words kept together and wildcards left alone', () => {
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
    'shell syntax is an error: %s',
    (line) => {
      expect(() => wordsOf(line)).toThrow(InputError);
    },
  );

  test('an unclosed quote is an error', () => {
    expect(() => wordsOf(`--config-keys "a b`)).toThrow(/not closed/);
  });

  test('quoted words come back unchanged', () => {
    const word = fc.string().filter((text) => !text.includes("'"));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(wordsOf(words.map((text) => `'${text}'`).join(' '))).toEqual(words);
      }),
    );
  });
});

describe('file options in a command line from a comment', () => {
  test.each([
    ['--config-files', '/etc/passwd'],
    ['--config-files', '.github/configs/cpu-master.yaml', '../.env'],
    ['--config-files=.env'],
    ['--master-config', '.github/configs/../../.env.yaml'],
    ['--runner-config', '.env'],
    ['--runners-config=/etc/passwd'],
    ['--changelog-file', '.env'],
  ])('are refused outside the config folder: %s %s', (...words) => {
    expect(() => refuseFileOptions(['full-sweep', ...words, '--single-node'])).toThrow(/\.github\/configs/);
  });

  test('may name a config; other options take any value', () => {
    refuseFileOptions(['full-sweep', '--config-files', '.github/configs/cpu-master.yaml', '--single-node']);
    refuseFileOptions(['test-config', '--config-keys', 'a/b', '--explain', '/x']);
  });
});
