import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** Runs a module in another process, in which imports are resolved quickly, and returns what it prints. */
function printed(script: string): unknown {
  const quickly = new URL('module-resolution.ts', import.meta.url).href;
  const source = `(await import('${quickly}')).resolveModulesQuickly();\n${script}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', source], {
    encoding: 'utf8',
    cwd: new URL('..', import.meta.url).pathname,
  });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('resolveModulesQuickly', () => {
  it('loads the modules that Node would load, each of them once', () => {
    const src = new URL('.', import.meta.url).href;
    const script = `
      const { LoadError } = await import('${src}load/load-error.ts');
      const { LoadError: again } = await import('${src}load/index.ts');
      console.log(JSON.stringify([LoadError.name, LoadError === again]));`;
    expect(printed(script)).toEqual(['LoadError', true]);
  });

  it('leaves packages alone, except for the languages of the schema library', () => {
    const script = `
      const z = await import('zod');
      console.log(JSON.stringify([z.number().parse(3), Object.keys(z.locales)]));`;
    expect(printed(script)).toEqual([3, []]);
  });
});
