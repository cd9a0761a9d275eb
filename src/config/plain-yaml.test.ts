import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { januaryFolder } from '../../test/support/january.ts';
import { runs } from '../../test/support/runs.ts';
import { packageRoot } from '../package-root.ts';
import { plainYaml } from './plain-yaml.ts';
import { parseYaml } from './yaml-positions.ts';

const masters = [packageRoot, januaryFolder].flatMap((folder) =>
  ['nvidia-master.yaml', 'amd-master.yaml'].map((name) =>
    readFileSync(join(folder, '.github', 'configs', name), 'utf8'),
  ),
);

/** Parts that texts are put together from: whatever YAML gives a meaning, and what only looks like it. */
const parts = [
  'a',
  'b: ',
  'c:\n',
  '- ',
  '-\n',
  '  ',
  '    ',
  '\n',
  '\n',
  '\n  ',
  '# x *y\n',
  ' # z\n',
  ' #c',
  '#',
  '[',
  ']',
  '{',
  '}',
  ', ',
  ': ',
  "'",
  '"',
  '|\n',
  '>\n',
  '|-\n',
  '# h: |\n',
  'g: [',
  '{e: ',
  '"f": ',
  '1',
  '0',
  '-',
  '+',
  '.',
  'e',
  '0x',
  '0o',
  '.5',
  '1.',
  '1e3',
  '1E5',
  '1e309',
  '5e999',
  '-1e400',
  '1e-400',
  '.inf',
  '-.inf',
  '.nan',
  '~',
  'null',
  'Null',
  'null: ',
  '~: ',
  'true',
  'True',
  'yes',
  'no',
  'on',
  'off',
  '2020-01-01',
  '12:30',
  '? ',
  '---\n',
  '...\n',
  '\t',
  '\\',
  '\\n',
  '\u2028',
  '\u0085',
  '\ufeff',
  '\r\n',
  '\r',
  '%',
  '<<: ',
  '&a ',
  '*a',
  '!!str ',
  '__proto__: ',
  'constructor',
  '=',
  '@',
  '`',
  '1_0',
  '017',
  '08',
  '0b1',
  '99999999999999999999',
  'x y',
  ' x',
  '::',
  ':a',
  ' :',
  'a:b',
  'a #b',
  '\\u0000',
  '😀',
  '00',
  '-0',
];

function withPositions(text: string): { readonly value: unknown } | 'refused' {
  try {
    return { value: parseYaml('any.yaml', text).value };
  } catch {
    return 'refused';
  }
}

describe('plainYaml', () => {
  test('reads the master configs, comments of all kinds among them', () => {
    for (const text of masters) {
      const commented = text.replaceAll(/^( *)- \{/gm, '$1# 2*DEP8 & 50 % faster!\n$1- {');
      expect(commented).not.toBe(text);
      expect(plainYaml(text)).toEqual(parseYaml('master.yaml', text).value);
      expect(plainYaml(commented)).toEqual(plainYaml(text));
    }
  });

  test('reads nothing otherwise than the parser with positions does', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...parts), { maxLength: 14 }), (words) => {
        const text = words.join('');
        const value = plainYaml(text);
        if (value === undefined) return;
        read++;
        expect(withPositions(text), JSON.stringify(text)).toEqual({ value });
      }),
      { numRuns: runs(2_000) },
    );
    // A parser that leaves everything to the other would prove nothing.
    expect(read).toBeGreaterThan(runs(100));
  });

  test('reads a master with anything put into it as the parser with positions does, or leaves it alone', () => {
    const lines = (masters[0] ?? '').split('\n').slice(0, 60);
    fc.assert(
      fc.property(fc.nat(59), fc.nat(30), fc.constantFrom(...parts), (at, column, part) => {
        const line = lines[at] ?? '';
        const changed = lines.with(at, `${line.slice(0, column)}${part}${line.slice(column)}`).join('\n');
        const value = plainYaml(changed);
        if (value !== undefined) expect(withPositions(changed), JSON.stringify(changed)).toEqual({ value });
      }),
      { numRuns: runs(50) },
    );
  });
});
