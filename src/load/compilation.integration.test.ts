import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

/** Calls a small function often, while V8 optimizes as configured by `before`, and prints which functions it optimized. */
function optimized(before: string): string {
  const script = `
    const { optimizeLater } = await import('${new URL('compilation.ts', import.meta.url).href}');
    const added = { to: 0 };
    function add(number) { added.to += number % 3; }
    const numbers = Array.from({ length: 400 }, (_, index) => index);
    ${before}
    // Called by a built-in function, because otherwise it would become a part of this loop.
    for (let round = 0; round < 40; round++) numbers.forEach(add);`;
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['--trace-opt', '--no-concurrent-recompilation', '--input-type=module', '--eval', script],
    { encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  return stdout;
}

const byLastCompiler = /marking .* add .* to TURBOFAN/;

it('functions called some thousand times are left to the first compiler during a test, and only then', () => {
  expect(optimized('')).toMatch(byLastCompiler);
  expect(optimized('optimizeLater();')).not.toMatch(byLastCompiler);
  expect(optimized('optimizeLater()();')).toMatch(byLastCompiler);
});
