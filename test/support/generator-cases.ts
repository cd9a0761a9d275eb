import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { z } from 'zod';
import { said } from './said.ts';

const caseSchema = z.object({
  name: z.string(),
  args: z.array(z.string()),
  exit: z.int(),
  stdout: z.string().optional(),
  /** Additional files of the case. */
  files: z.record(z.string(), z.string()).optional(),
  /** Whether a strict reader may reject what the public tool accepts. */
  optional: z.boolean().optional(),
});
export type GeneratorCase = z.output<typeof caseSchema>;

/** The cases in a folder; empty if the folder does not exist. */
export function generatorCases(folder: string): GeneratorCase[] {
  const file = join(folder, 'cases.json');
  return existsSync(file) ? z.array(caseSchema).parse(JSON.parse(readFileSync(file, 'utf8'))) : [];
}

/** Runs the command line of a case, with `configs/` and `made/` replaced by their folders, and compares the output. */
export async function expectAsGolden(one: GeneratorCase, folder: string, configs: string): Promise<void> {
  const own = mkdtempSync(join(tmpdir(), 'generator-case-'));
  try {
    await expectSaid(one, located(one, { own, folder, configs }), folder);
  } finally {
    rmSync(own, { recursive: true });
  }
}

async function expectSaid(one: GeneratorCase, args: readonly string[], folder: string): Promise<void> {
  const { code, stdout, stderr } = await said('generate', ...args);
  if (one.optional && code === 1) return;
  expect(code, stderr).toBe(one.exit);
  if (one.stdout === undefined) {
    expect(stdout).toBe('');
    expect(stderr).not.toBe('');
  } else expect(JSON.parse(stdout)).toEqual(golden(join(folder, one.stdout)));
}

interface Places {
  /** The folder for files of the case. */
  readonly own: string;
  readonly folder: string;
  readonly configs: string;
}

function located({ args, files = {} }: GeneratorCase, { own, folder, configs }: Places): string[] {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(own, path)), { recursive: true });
    writeFileSync(join(own, path), text);
  }
  return args.map((arg) => {
    if (arg in files) return join(own, arg);
    return arg.replace(/^configs(?=\/)/, configs).replace(/^made(?=\/)/, join(folder, 'made'));
  });
}

function golden(file: string): unknown {
  const bytes = readFileSync(file);
  return JSON.parse((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
}
