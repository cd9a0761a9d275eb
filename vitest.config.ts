import { globSync, readFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { runsFactorVariable } from './test/support/runs.ts';

/** Files beside each other, as many as there are CPUs: no test measures a time that another could change. */
const together = (groupOrder: number) => ({ sequence: { groupOrder }, maxWorkers: availableParallelism() });

/** After the projects before it and one file at a time, for what takes the whole machine. */
const alone = (groupOrder: number) => ({ sequence: { groupOrder }, maxWorkers: 1, fileParallelism: false });

/** Processes that tests start compile what others have compiled only once. */
const quickStarts = { NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache') };

const unit = {
  include: ['{src,benchmarks,web/src,scripts}/**/*.test.{ts,tsx}'],
  exclude: ['**/*.{integration,long,slow}.test.{ts,tsx}', '**/node_modules/**'],
};

const integration = ['{src,benchmarks,web,test}/**/*.integration.test.ts'];

/** Files of `npm test` that the slow suite has more of: more examples that are drawn, or tests of minutes. */
const moreInSlow = [...globSync(unit.include, { exclude: unit.exclude }), ...globSync(integration)].filter(
  (file) => /fast-check|\/runs\.ts/.test(readFileSync(file, 'utf8')),
);

/**
 * One project per cost: `unit` in process, `integration` with real processes and sockets, `long` like it but with files
 * of half a minute to two minutes, `slow` for what measures time or needs the whole machine.
 */
export default defineConfig({
  test: {
    expect: { poll: { timeout: 10_000 } },
    // Tests that wait for most of their time run side by side where they say so.
    maxConcurrency: 16,
    projects: [
      {
        test: {
          name: 'unit',
          ...unit,
          ...together(0),
          // Each file would import the whole product anew.
          isolate: false,
          setupFiles: './test/support/same-examples.ts',
          // Only of what hangs: a test that takes a second takes many on a busy machine.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: integration,
          env: quickStarts,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          ...together(0),
        },
      },
      {
        test: {
          name: 'long',
          include: ['{src,benchmarks,web,test}/**/*.long.test.ts'],
          env: quickStarts,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          ...together(1),
        },
      },
      {
        test: {
          name: 'slow',
          include: ['{src,benchmarks,web,test}/**/*.slow.test.ts'],
          env: quickStarts,
          testTimeout: 600_000,
          hookTimeout: 300_000,
          ...alone(2),
        },
      },
      {
        // The same files as in `unit` and `integration`, with more examples.
        test: {
          name: 'thorough',
          include: moreInSlow,
          setupFiles: './test/support/thorough.ts',
          env: { ...quickStarts, [runsFactorVariable]: '10' },
          testTimeout: 600_000,
          hookTimeout: 300_000,
          ...together(3),
        },
      },
    ],
  },
});
