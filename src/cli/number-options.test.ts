import { type Command, InvalidArgumentError, type Option } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../test/support/runs.ts';
import { InputError } from '../errors.ts';
import { serveTables } from './bench/serve-options.ts';
import { goodput, idRange, numberOrRange, percents, shard } from './bench/serve-parsers.ts';
import { durationS } from './duration.ts';
import { commands, loadCommand } from './registry.ts';

type Parser = (text: string) => unknown;

/** Texts that Number() accepts, or converts to NaN, but that users do not mean as numbers. */
const wrongNumbers = [
  '',
  ' ',
  '\t',
  '\n',
  '5 ',
  ' 5',
  '5\n',
  '.',
  '-',
  '+',
  'e',
  'e5',
  '5e',
  '1e+',
  '..5',
  '1.2.3',
  '1..2',
  '0x10',
  '0b11',
  '0o17',
  '1e400',
  '-1e400',
  'Infinity',
  '-Infinity',
  '+Infinity',
  'NaN',
  'nan',
  '1,5',
  '1_000',
  '1n',
  '5%',
  '5s',
  '--5',
  '+-5',
  '1-2',
  'null',
  'true',
  '[5]',
  '{}',
  '٣',
  '５',
  '½',
  '9'.repeat(400),
];

/** Whether an option takes numbers, that is, whether it parses 0.5 or 5 as itself. */
function isNumeric({ parseArg }: Option): boolean {
  return ['5', '0.5'].some((text) => {
    try {
      return parseArg?.(text, undefined) === Number(text);
    } catch {
      return false;
    }
  });
}

async function allCommands(): Promise<readonly Command[]> {
  const roots = await Promise.all(Object.keys(commands).map(loadCommand));
  const withChildren = (command: Command): Command[] => [command, ...command.commands.flatMap(withChildren)];
  return roots.flatMap(withChildren);
}

async function numericOptions(): Promise<[flags: string, parse: Parser][]> {
  return (await allCommands()).flatMap((command) =>
    command.options
      .filter(isNumeric)
      .map((option): [string, Parser] => [
        `${command.name()} ${option.flags}`,
        (text) => option.parseArg?.(text, undefined),
      ]),
  );
}

describe('numeric options of all commands', async () => {
  const options = await numericOptions();

  it('include those of bench serve', () => {
    expect(options.length).toBeGreaterThan(70);
    const flags = options.map(([name]) => name);
    for (const name of [
      '--num-prompts <n>',
      '--temperature <t>',
      '--connect-timeout <seconds>',
      '--top-k <k>',
    ]) {
      expect(flags).toContain(`serve ${name}`);
    }
  });

  it.each(options)('%s rejects text that is not a number', (_, parse) => {
    for (const wrong of wrongNumbers) {
      expect(() => parse(wrong), JSON.stringify(wrong)).toThrow(InvalidArgumentError);
    }
  });

  it.each(options)('%s parses any text as its decimal number, or rejects it', (_, parse) => {
    const texts = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.integer().map(String),
      fc.string({ unit: fc.constantFrom(...'0123456789.-+eExX_ ') }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        let value: unknown;
        try {
          value = parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidArgumentError);
          return;
        }
        if (text === 'inf') return;
        expect(text).toMatch(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i);
        expect(value).toBe(Number(text));
        expect(Number.isFinite(value)).toBe(true);
      }),
      { numRuns: runs(20) },
    );
  });
});

describe('options that contain numbers', () => {
  const all = Object.values(serveTables).flatMap((table) => Object.values(table));
  const stages = all.find(({ option }) => option.long === '--rate-stages');
  const rateStages: Parser = (text) => stages?.option.parseArg?.(text, undefined);
  const holders: [name: string, parse: Parser, around: (number: string) => string][] = [
    ['goodput', goodput, (number) => `ttft:${number}`],
    ['metric-percentiles', percents, (number) => `50,${number}`],
    ['conversation-turns, the low', numberOrRange, (number) => `${number}-6`],
    ['conversation-turns, the high', numberOrRange, (number) => `2-${number}`],
    ['token-ids, the low', idRange, (number) => `${number}-600`],
    ['token-ids, the high', idRange, (number) => `2-${number}`],
    ['shard, which', shard, (number) => `${number}/6`],
    ['shard, of', shard, (number) => `2/${number}`],
    ['rate-stages, the rate', rateStages, (number) => `${number}:5`],
    ['rate-stages, the second rate', rateStages, (number) => `2-${number}:5`],
    ['rate-stages, the seconds', rateStages, (number) => `5:${number}`],
  ];
  it.each(holders)('%s', (name, parse, around) => {
    expect(() => parse(around('5'))).not.toThrow();
    for (const wrong of wrongNumbers) {
      // A rate that changes is a stage, and two percentiles are a list.
      if (name === 'metric-percentiles' && wrong === '1,5') continue;
      if (name === 'rate-stages, the rate' && wrong === '1-2') continue;
      expect(() => parse(around(wrong)), JSON.stringify(wrong)).toThrow(InvalidArgumentError);
    }
  });

  it.each([
    'ttft',
    'ttft:',
    ':5',
    'ttft:0',
    'ttft:-1',
    'TTFT:5',
    'itl:5',
    'latency:5',
    'ttft:5:6',
    'ttft=5',
    '5',
  ])('goodput %s', (text) => {
    expect(() => goodput(text)).toThrow(InvalidArgumentError);
  });
  it('goodput has one SLO per metric', () => {
    expect(goodput('tpot:.5', goodput('ttft:2e2'))).toEqual({ ttft: 200, tpot: 0.5 });
    expect(() => goodput('ttft:200', goodput('ttft:100'))).toThrow(/ttft has two SLOs/);
  });
  it('each percentile is reported once', () => {
    expect(percents('50,99,99.0,50')).toEqual([50, 99]);
    expect(() => percents('0')).toThrow(InvalidArgumentError);
    expect(() => percents('101')).toThrow(InvalidArgumentError);
  });
});

describe('numeric options of other commands', async () => {
  it('durations', () => {
    expect([durationS('90s'), durationS('1.5h'), durationS('2w')]).toEqual([90, 5400, 1_209_600]);
    // Includes numbers with a second unit, next to valid durations such as 5s.
    for (const wrong of [...wrongNumbers, '0', '0.0', '-1', '1e3', '99999999']) {
      expect(() => durationS(`${wrong}d`), JSON.stringify(wrong)).toThrow(InvalidArgumentError);
    }
  });

  const perClass = (await allCommands()).flatMap((command) =>
    command.options
      .filter(({ flags }) => flags.includes('<class='))
      .map((option): [string, Option] => [`${command.name()} ${option.flags}`, option]),
  );
  it.each(perClass)('%s', (_, option) => {
    const parse = (text: string): unknown => option.parseArg?.(text, undefined);
    expect(parse('load-test=2')).toEqual({ 'load-test': 2 });
    for (const wrong of [...wrongNumbers, '-1']) {
      expect(() => parse(`load-test=${wrong}`), JSON.stringify(wrong)).toThrow(InvalidArgumentError);
    }
    expect(() => option.parseArg?.('load-test=3', parse('load-test=2'))).toThrow(/load-test is given twice/);
  });
  it('exist in several commands', () => {
    expect(perClass.length).toBeGreaterThan(2);
  });
});

describe('the table of bench serve', () => {
  it('has every option once, with its default', () => {
    const options = Object.values(serveTables).flatMap((table) => Object.values(table));
    const flags = options.map(({ option }) => option.long);
    expect(new Set(flags).size).toBe(flags.length);
    for (const { option } of options) {
      // The value of an option --no-… is true by default.
      const initial = option.negate ? true : option.defaultValue;
      expect(initial, option.flags).toBe(initialOf(option));
    }
  });
});

function initialOf(option: Option): unknown {
  const all = Object.values(serveTables).flatMap((table) => Object.values(table));
  return all.find((entry) => entry.option === option)?.initial;
}

describe('a value that may be secret', () => {
  it.each([
    ['--base-url', serveTables['Server:'].baseUrl.option, 'http://user:s3cretpass@[nowhere/?key=s3cretpass'],
    ['--base-url', serveTables['Server:'].baseUrl.option, 'ftp://user:s3cretpass@nowhere'],
    ['--base-url', serveTables['Server:'].baseUrl.option, 'http://nowhere/#s3cretpass'],
    ['--header', serveTables['Server:'].header.option, 'Authorization: Bearer s3cretpass'],
    ['--header', serveTables['Server:'].header.option, 's3cretpass'],
  ])('is not printed by %s', (name, option, text) => {
    let thrown: unknown;
    try {
      option.parseArg?.(text, undefined);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InputError);
    expect(String(thrown)).toContain(name);
    expect(String(thrown)).not.toContain('s3cretpass');
  });
});
