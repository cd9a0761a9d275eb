import { defineConfig } from 'vitest/config';

/** After the projects before it and one file at a time: what is measured must not share the machine with other tests. */
const alone = (groupOrder: number) => ({ sequence: { groupOrder }, maxWorkers: 1, fileParallelism: false });

/** One project per cost: `unit` in process, `integration` with real processes and sockets, `slow` for minutes. */
export default defineConfig({
  test: {
    expect: { poll: { timeout: 10_000 } },
    // Tests that wait for most of their time run side by side where they say so.
    maxConcurrency: 16,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{src,benchmarks,web/src}/**/*.test.{ts,tsx}'],
          exclude: ['**/*.{integration,slow}.test.{ts,tsx}', '**/node_modules/**'],
          testTimeout: 10_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['{src,benchmarks,web,test}/**/*.integration.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          ...alone(1),
        },
      },
      {
        test: {
          name: 'slow',
          include: ['{src,benchmarks,web,test}/**/*.slow.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 300_000,
          ...alone(2),
        },
      },
    ],
  },
});
