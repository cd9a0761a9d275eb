import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { runs } from '../../../test/support/runs.ts';
import { shellLine, shellLines } from './shell.ts';

test('a shell reads back the arguments that were written', () => {
  const argument = fc.string({ minLength: 1 }).filter((text) => !/[\0\n\r]/.test(text));
  fc.assert(
    fc.property(fc.array(argument, { minLength: 1, maxLength: 6 }), (args) => {
      for (const written of [shellLine(args), shellLines(args)]) {
        const script = `set -- ${written}\nfor argument in "$@"; do printf '%s\\n' "$argument"; done`;
        expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\n').slice(0, -1)).toEqual(
          args,
        );
      }
    }),
    { numRuns: runs(30) },
  );
});
