import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';

/** All commands with their descriptions. To add one, add a line here and a file or folder in `commands/`. */
export const commands: Readonly<Record<string, string>> = {
  quickstart: 'benchmark a real engine on this machine and open the charts',
  init: 'write a runner pool and a first config for this machine',
  generate: 'generate matrix entries from configs',
  validate: 'check configs, runner pools, changelog and recipes',
  config: 'convert configs to a newer format',
  schema: 'print the JSON Schema of a YAML file',
  changelog: 'list what to re-measure after a changelog change',
  stale: 'list matrix entries that are due for re-measurement',
  plan: 'group matrix entries into engine sessions',
  'srt-slurm': 'expand recipes of srt-slurm into exact commands',
  run: 'start the engines and measure every point',
  sweep: 'show sweeps: progress, failures, engine time',
  bench: 'load-test a running server; replay agent sessions; calibrate this client',
  trace: 'describe a data set, or generate traces',
  eval: 'check the accuracy of a running engine, or judge lm-eval results',
  acceptance: 'measure how many drafted tokens an engine accepts',
  doctor: 'check for problems that would make a sweep fail',
  explain: 'explain an error code, or why an engine exited, from its log',
  results: 'turn measurements into result rows, tables and rates',
  store: 'manage the results store: ingest, export, backup, forget',
  public: "copy the public project's results into the store",
  watch: 'measure and publish continuously, driven by changelog and schedule',
  ci: 'commands for CI workflows',
  serve: 'serve the dashboard and its API',
  mcp: 'answer questions about the store over MCP',
  publish: 'write the dashboard as static files',
};

interface CommandModule {
  command(): Command;
}

function isCommandModule(module: unknown): module is CommandModule {
  return (
    typeof module === 'object' &&
    module !== null &&
    'command' in module &&
    typeof module.command === 'function'
  );
}

/**
 * Imports a command from `commands/<name>.ts` or `commands/<name>/index.ts` and creates it. Commands load the schema
 * library with our error messages; `--help` without a command loads neither.
 */
export async function loadCommand(name: string): Promise<Command> {
  const extension = extname(import.meta.url);
  const file = new URL(`./commands/${name}${extension}`, import.meta.url);
  const folder = new URL(`./commands/${name}/index${extension}`, import.meta.url);
  await import('../schema-words.ts');
  const module: unknown = await import((existsSync(fileURLToPath(file)) ? file : folder).href);
  if (!isCommandModule(module)) throw new Error(`the module of the command ${name} exports no command()`);
  return module.command();
}
