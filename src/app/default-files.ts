import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../package-root.ts';

/** The checked-in configs: those of the folder the user is in, where it has any, else the product's own. */
export function configFolder(): string {
  const here = join('.github', 'configs');
  return existsSync(here) ? here : join(packageRoot, here);
}

export function defaultConfigFiles(): string[] {
  const folder = configFolder();
  return readdirSync(folder)
    .filter((name) => name.endsWith('-master.yaml'))
    .toSorted()
    .map((name) => join(folder, name));
}

export function defaultRunnerConfig(): string {
  return join(configFolder(), 'runners.yaml');
}

/** The folder with `<pool>.yaml` files: the one where the user is, where it has any, else the product's own. */
export function runnersFolder(): string {
  const here = 'runners';
  const hasPools = existsSync(here) && readdirSync(here).some((name) => name.endsWith('.yaml'));
  return hasPools ? here : join(packageRoot, here);
}
