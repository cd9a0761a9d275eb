import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { contracts } from '../config/index.ts';
import type { Problem } from '../errors.ts';
import { packageRoot } from '../package-root.ts';

const ownFolder = join('.github', 'configs');
/** Where the public project has had its configs since August 2026. */
const publicFolder = 'configs';

/** Where a repository may have its configs, as paths from its root; the first that has some is used. */
export const configFolders = [ownFolder, publicFolder] as const;

/** The folder of checked-in configs: that of the current folder if it has one, else the product's own. */
export function configFolder(): string {
  return configFolderHere() ?? join(packageRoot, ownFolder);
}

/** Whether the current folder has checked-in configs. */
export function hasOwnConfigs(): boolean {
  return configFolderHere() !== undefined;
}

function configFolderHere(): string | undefined {
  if (existsSync(ownFolder)) return ownFolder;
  return existsSync(publicFolder) && readdirSync(publicFolder).some(isMasterConfig)
    ? publicFolder
    : undefined;
}

const masterEnding = '-master.yaml';

/** Whether a file of that name in the folder of configs is a master config. */
export function isMasterConfig(name: string): boolean {
  return name.endsWith(masterEnding);
}

/** The name of the file with runner pools. */
export const runnersName = 'runners.yaml';

/** The master configs of the config folder, sorted by name. */
export function defaultConfigFiles(): string[] {
  const folder = configFolder();
  return readdirSync(folder)
    .filter(isMasterConfig)
    .toSorted()
    .map((name) => join(folder, name));
}

/** A file with one of these fields is meant to be a master config. */
const fieldsOfConfigs = contracts.map(({ field }) => `${field}:`);

/** Files that look like master configs but are ignored because of their names. */
export function unreadConfigFiles(): Problem[] {
  const folder = configFolder();
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name) && !isMasterConfig(name) && name !== runnersName)
    .filter((name) => isShortFile(join(folder, name)))
    .filter((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      return fieldsOfConfigs.some((field) => text.includes(field));
    })
    .toSorted()
    .map((name) => ({
      file: join(folder, name),
      message: `this file is ignored: the name of a master config ends in ${masterEnding}`,
      hint: `rename it to ${name.replace(/(?:-master)?\.ya?ml$/, masterEnding)}, or pass it with --config-files`,
    }));
}

/** Skips files that are too large to be a config, and special files, which may be endless. */
function isShortFile(path: string): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true && found.size <= 4 * 1024 * 1024;
}

/**
 * The default runner pools: those next to the given config files, or in the folder above (deprecated configs
 * have their own folder), else the checked-in ones of the current folder or of the product.
 */
export function defaultRunnerConfig(configFiles: readonly string[] = []): string {
  const beside = configFiles
    .flatMap((file) => [dirname(file), join(dirname(file), '..')])
    .map((folder) => join(folder, runnersName))
    .find((file) => existsSync(file));
  if (beside !== undefined) return beside;
  const here = join(configFolder(), runnersName);
  return existsSync(here) ? here : join(packageRoot, '.github', 'configs', runnersName);
}

/** The folder with `<pool>.yaml` files: that of the current folder if it exists, else the product's own. */
export function runnersFolder(): string {
  const here = 'runners';
  const isPool = (name: string) => name.endsWith('.yaml') && name !== failuresName;
  const hasPools = existsSync(here) && readdirSync(here).some(isPool);
  return hasPools ? here : join(packageRoot, here);
}

const failuresName = 'known-failures.yaml';

/** The file with this site's known failures, next to the pools. */
export function knownFailuresFile(): string {
  const here = join('runners', failuresName);
  return existsSync(here) ? here : join(runnersFolder(), failuresName);
}
