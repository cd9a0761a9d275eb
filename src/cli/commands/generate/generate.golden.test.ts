import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../../package-root.ts';
import { main } from '../../main.ts';

const folder = join(packageRoot, '../shared/upstream-2026-01');
const casesSchema = z.array(
  z.object({ name: z.string(), args: z.array(z.string()), exit: z.int(), stdout: z.string().optional() }),
);

afterEach(() => vi.restoreAllMocks());

/** Runs a command line in this process; returns its exit code and output. */
async function run(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      printed[name] += String(text);
      return true;
    });
  }
  const code = await main(args);
  vi.restoreAllMocks();
  return { code, ...printed };
}

describe.skipIf(!existsSync(folder))('output of the public generator (skipped: no ../shared)', () => {
  const cases = existsSync(folder)
    ? casesSchema.parse(JSON.parse(readFileSync(join(folder, 'generator/cases.json'), 'utf8')))
    : [];
  const located = (args: readonly string[]) =>
    args.map((arg) => arg.replace(/^\.github\/configs/, join(folder, 'configs')));

  test.each(cases)('case $name', async ({ args, exit, stdout: golden }) => {
    const { code, stdout, stderr } = await run(['generate', ...located(args)]);
    expect(code, stderr).toBe(exit);
    if (golden === undefined) {
      expect(stdout).toBe('');
      expect(stderr).not.toBe('');
    } else {
      expect(JSON.parse(stdout)).toEqual(JSON.parse(readFileSync(join(folder, 'generator', golden), 'utf8')));
    }
  });
});
