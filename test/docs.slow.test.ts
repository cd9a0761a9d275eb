import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../src/package-root.ts';
import { examplesOf } from './support/doc-examples.ts';
import { copyOfTheProject } from './support/project-copy.ts';

let folder: string;
let programs: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'docs-'));
  programs = join(folder, 'programs');
  await mkdir(programs);
  const program = join(programs, 'inferencemax');
  await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' "$PROJECT/bin/inferencemax.js" "$@"\n`);
  await chmod(program, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The pages about your own machine start from an empty folder (`own-gpu-docs.slow.test.ts`). */
const pages = (await readdir(join(packageRoot, 'docs'))).filter(
  (name) => name.endsWith('.md') && !name.startsWith('own-'),
);

describe('the examples in the documentation, each page in a separate clone', () => {
  test.each(pages)('%s', async (name) => {
    const project = await copyOfTheProject(join(folder, name));
    const examples = examplesOf(await readFile(join(packageRoot, 'docs', name), 'utf8'));
    for (const { kind, text, argument } of examples) {
      if (kind === 'file') {
        await mkdir(dirname(join(project, argument)), { recursive: true });
        await writeFile(join(project, argument), text);
        continue;
      }
      const { code, output } = await shell(project, text);
      expect(code, `${text}\n${output}`).toBe(Number(argument));
      expect(output).not.toContain('internal error');
    }
  });
});

async function shell(project: string, script: string): Promise<{ code: unknown; output: string }> {
  const env = { ...process.env, PATH: `${programs}:${process.env.PATH}`, PROJECT: project };
  try {
    const { stdout, stderr } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: project,
      env,
      maxBuffer: 16 * 1024 * 1024,
    });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return { code: error.code, output: String(error) };
  }
}
