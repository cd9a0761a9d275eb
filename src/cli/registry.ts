import type { Command } from 'commander';

interface CommandModule {
  /** One line for the list of commands. */
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Every command by name; adding one is an entry here and a file in `commands/`. */
export const commands: Readonly<Record<string, CommandModule>> = {
  quickstart: {
    summary: 'benchmark a real engine on this machine and see the charts',
    load: async () => (await import('./commands/quickstart.ts')).command(),
  },
  generate: {
    summary: 'make matrix entries from configs',
    load: async () => (await import('./commands/generate/index.ts')).command(),
  },
  validate: {
    summary: 'check configs, runner pools, changelog and recipes',
    load: async () => (await import('./commands/validate.ts')).command(),
  },
  schema: {
    summary: 'print the JSON Schema of a YAML file',
    load: async () => (await import('./commands/schema.ts')).command(),
  },
  changelog: {
    summary: 'say what a change asks to be measured again',
    load: async () => (await import('./commands/changelog.ts')).command(),
  },
  stale: {
    summary: 'make matrix entries of what was not measured lately',
    load: async () => (await import('./commands/stale.ts')).command(),
  },
  plan: {
    summary: 'group matrix entries into engine sessions',
    load: async () => (await import('./commands/plan/index.ts')).command(),
  },
  run: {
    summary: 'start the engines and measure every point',
    load: async () => (await import('./commands/run.ts')).command(),
  },
  sweep: {
    summary: 'tell what happened in sweeps',
    load: async () => (await import('./commands/sweep/index.ts')).command(),
  },
  bench: {
    summary: 'measure a running server, or the error of measuring',
    load: async () => (await import('./commands/bench.ts')).command(),
  },
  eval: {
    summary: 'check that a running engine still answers right',
    load: async () => (await import('./commands/eval.ts')).command(),
  },
  doctor: {
    summary: 'look for what would make a sweep fail',
    load: async () => (await import('./commands/doctor.ts')).command(),
  },
  results: {
    summary: 'turn measurements into rows, tables and rates',
    load: async () => (await import('./commands/results/index.ts')).command(),
  },
  store: {
    summary: 'keep everything ever measured: ingest, export, backup',
    load: async () => (await import('./commands/store.ts')).command(),
  },
  watch: {
    summary: 'measure and publish again and again, as changelog and schedule ask',
    load: async () => (await import('./commands/watch.ts')).command(),
  },
  ci: {
    summary: 'what the workflows of a CI system call',
    load: async () => (await import('./commands/ci/index.ts')).command(),
  },
  serve: {
    summary: 'serve the dashboard and its API',
    load: async () => (await import('./commands/serve.ts')).command(),
  },
  mcp: {
    summary: 'answer questions about the store to agents',
    load: async () => (await import('./commands/mcp.ts')).command(),
  },
  publish: {
    summary: 'write the dashboard as files for any host',
    load: async () => (await import('./commands/publish.ts')).command(),
  },
};
