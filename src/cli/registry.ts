import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';

/** Every command with one line for the list of commands; adding one is a line here and a file or folder in `commands/`. */
export const commands: Readonly<Record<string, string>> = {
  quickstart: 'benchmark a real engine on this machine and see the charts',
  init: 'write a pool and a first config of this machine',
  generate: 'make matrix entries from configs',
  validate: 'check configs, runner pools, changelog and recipes',
  config: 'write configs in the form of a newer contract',
  schema: 'print the JSON Schema of a YAML file',
  changelog: 'say what a change asks to be measured again',
  stale: 'make matrix entries of what was not measured lately',
  plan: 'group matrix entries into engine sessions',
  run: 'start the engines and measure every point',
  sweep: 'tell what happened in sweeps',
  bench: 'measure a running server, or the error of measuring',
  eval: 'check that a running engine still answers right',
  doctor: 'look for what would make a sweep fail',
  explain: 'say why an engine ended, by its log',
  results: 'turn measurements into rows, tables and rates',
  store: 'keep everything ever measured: ingest, export, backup, forget',
  public: "read the public project's results into the store",
  watch: 'measure and publish again and again, as changelog and schedule ask',
  ci: 'what the workflows of a CI system call',
  serve: 'serve the dashboard and its API',
  mcp: 'answer questions about the store to agents',
  publish: 'write the dashboard as files for any host',
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
 * Loads a command, which is `commands/<name>.ts` or `commands/<name>/index.ts`, and makes it. The schema library comes
 * with it, in our words; `--help` alone loads neither.
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
