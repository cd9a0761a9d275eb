import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { slug } from '../../src/provision/slug.ts';
import { tinyConfig } from '../support/product.ts';

/** What a fake engine does; without a fault, it answers every request with the requested number of tokens. */
export interface StandInBehaviour {
  readonly fault?: 'silent' | 'deaf' | 'errors' | 'dies' | 'leaks' | 'dies-on-start' | 'never-ready';
  /** The fault starts after this many requests (default 0). */
  readonly afterRequests?: number;
  /** Only an engine with this word on its command line has the fault, such as the port of a node. */
  readonly breaksOn?: string;
  /** Milliseconds between tokens (default 1). */
  readonly tokenMs?: number;
  /** Gets a line with the pid for every start. */
  readonly startLog?: string;
}

const image = 'npm:stand-in@1.0.0';

/**
 * Puts a fake llama.cpp into a cache below `folder`, next to weights that define its behaviour and a master config for
 * both. Everything else is real: provisioning finds it, the launcher starts our llama.cpp server with it, and the load
 * generator measures it.
 */
export async function standIn(
  folder: string,
  behaviour: StandInBehaviour = {},
  changes: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const engine = join(folder, 'cache', 'engines', slug(image));
  const modules = join(engine, 'node_modules');
  await mkdir(join(modules, 'node-llama-cpp', 'dist'), { recursive: true });
  await mkdir(join(modules, '@huggingface', 'jinja'), { recursive: true });
  await writeFile(join(engine, 'package.json'), '{}');
  await writeFile(
    join(engine, 'package-lock.json'),
    JSON.stringify({ packages: { 'node_modules/stand-in': { integrity: 'sha512-of-a-stand-in' } } }),
  );
  await writeFile(join(modules, 'node-llama-cpp', 'package.json'), '{"type":"module"}');
  await copyFile(
    join(import.meta.dirname, 'node-llama-cpp.js'),
    join(modules, 'node-llama-cpp', 'dist', 'index.js'),
  );
  await writeFile(join(modules, '@huggingface', 'jinja', 'index.js'), 'exports.Template = class {};');
  await behave(folder, behaviour);
  const weights = join(folder, 'weights.json');
  await writeFile(join(folder, 'master.yaml'), tinyConfig({ image, model: weights, ...changes }));
}

/** Changes the behaviour of engines that start from now on. */
export async function behave(folder: string, behaviour: StandInBehaviour): Promise<void> {
  await writeFile(join(folder, 'weights.json'), JSON.stringify(behaviour));
}
