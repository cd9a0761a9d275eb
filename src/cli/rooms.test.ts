import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../package-root.ts';

const src = join(packageRoot, 'src');

/** The files of a folder with the files that they import, types included, all from `src/`. */
function importsIn(folder: string): [string, string[]][] {
  return globSync('**/*.ts', { cwd: join(src, folder) })
    .filter((name) => !name.endsWith('.test.ts'))
    .map((name) => {
      const file = join(src, folder, name);
      const found = readFileSync(file, 'utf8').matchAll(/(?:from|import\() ?'(\.[^']+)'/g);
      return [
        relative(src, file),
        [...found].map(([, path = '']) => relative(src, resolve(dirname(file), path))),
      ];
    });
}

describe('the command line', () => {
  test('no use case knows it', () => {
    const files = importsIn('app');
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter(([, imports]) => imports.some((file) => file.startsWith('cli/')))).toEqual([]);
  });

  test('no command imports another', () => {
    const commandOf = (file: string) => file.split('/')[2]?.replace(/\.ts$/, '');
    const files = importsIn('cli/commands');
    expect(files.length).toBeGreaterThan(0);
    const crossing = files.flatMap(([file, imports]) =>
      imports
        .filter((other) => other.startsWith('cli/commands/') && commandOf(other) !== commandOf(file))
        .map((other) => `${file} imports ${other}`),
    );
    expect(crossing).toEqual([]);
  });
});
