import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { defined } from '../defined/defined.ts';
import { InputError } from '../errors.ts';
import { sha256OfFile } from '../file-digest.ts';
import { run } from '../process/run.ts';
import type {
  EngineSource,
  LocalFault,
  ProvisionContext,
  ProvisionedEngine,
  WantedEngine,
} from './provision.ts';
import { type PythonEnvironment, pythonEnvironment, versionOf } from './python-environment.ts';

/** Timeout for asking an engine for its version, which imports it. */
export const versionTimeoutMs = 60_000;

/** `path:FOLDER`: an engine installed in a virtual environment or another folder with `bin/`. */
export const pathEngine: EngineSource = {
  example: 'path:/opt/venvs/vllm',
  kind: 'present',
  accepts: (reference) => reference.startsWith('path:'),
  fault: async (reference, wanted) => {
    const found = await inFolder(reference, wanted);
    return 'fault' in found ? found.fault : undefined;
  },
  unseen: (reference, { program }) => {
    const directory = reference.slice('path:'.length);
    return { directory, ...defined({ program: program && join(directory, 'bin', program) }) };
  },
  provision: async (reference, context, wanted) => {
    const found = await inFolder(reference, wanted);
    if ('fault' in found) throw new InputError([found.fault], undefined, { code: 'engine-unavailable' });
    return await described(reference, found, context, wanted);
  },
};

/** `command:NAME`: an engine whose program is on the PATH or named by its path. */
export const commandEngine: EngineSource = {
  example: 'command:vllm',
  kind: 'present',
  accepts: (reference) => reference.startsWith('command:'),
  fault: async (reference) => {
    const found = await onPath(reference);
    return 'fault' in found ? found.fault : undefined;
  },
  unseen: (reference) => ({ program: reference.slice('command:'.length) }),
  provision: async (reference, context, wanted) => {
    const found = await onPath(reference);
    if ('fault' in found) throw new InputError([found.fault], undefined, { code: 'engine-unavailable' });
    return await described(reference, found, context, wanted);
  },
};

/** A program that was found, and the folder that contains its `bin/`. */
interface FoundProgram {
  readonly program: string;
  readonly directory: string;
}

async function inFolder(
  reference: string,
  { program }: WantedEngine,
): Promise<FoundProgram | { readonly fault: LocalFault }> {
  const written = reference.slice('path:'.length);
  const directory = resolve(written.replace(/^~(?=\/|$)/, homedir()));
  const found = await stat(directory).catch(() => undefined);
  const hint = `name the folder whose bin/ has the engine's program, such as the virtual environment it was installed into: ${pathEngine.example}`;
  if (written === '') return { fault: { message: `image '${reference}' names no folder`, hint } };
  if (found?.isDirectory() !== true)
    return {
      fault: { message: `image '${reference}': there is no folder ${directory}`, hint, onlyHere: true },
    };
  if (program === undefined)
    return {
      fault: {
        message: `image '${reference}': this framework has no program that can be started from a folder`,
        hint: 'name a container image, and a pool whose launcher runs containers',
      },
    };
  const path = join(directory, 'bin', program);
  if (await isExecutable(path)) return { program: path, directory };
  return { fault: { message: `image '${reference}': there is no program ${path}`, hint, onlyHere: true } };
}

async function onPath(reference: string): Promise<FoundProgram | { readonly fault: LocalFault }> {
  const name = reference.slice('command:'.length);
  const candidates =
    isAbsolute(name) || name.startsWith('.')
      ? [resolve(name)]
      : (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
  for (const program of name === '' ? [] : candidates)
    if (await isExecutable(program)) return { program, directory: dirname(dirname(program)) };
  return {
    fault: {
      message: `image '${reference}': there is no command '${name}'${isAbsolute(name) ? '' : ' on the PATH'}`,
      hint: `activate the environment that it is installed in, or name that folder: ${pathEngine.example}`,
      onlyHere: true,
    },
  };
}

/** The version of an installed engine from its package metadata; undefined if that has none. */
export async function presentVersion(reference: string, wanted: WantedEngine): Promise<string | undefined> {
  if (!pathEngine.accepts(reference) && !commandEngine.accepts(reference)) return undefined;
  const found = pathEngine.accepts(reference) ? await inFolder(reference, wanted) : await onPath(reference);
  if ('fault' in found) return undefined;
  const environment = await environmentOf(found);
  return environment && versionOf(environment, wanted.packages);
}

/** The packages next to a program. A command may be a link into its environment. */
async function environmentOf({ program, directory }: FoundProgram): Promise<PythonEnvironment | undefined> {
  return (
    (await pythonEnvironment(directory)) ??
    (await pythonEnvironment(dirname(dirname(await realpath(program)))))
  );
}

/** Identifies the exact engine: by the packages next to it, otherwise by the program file and its output. */
async function described(
  reference: string,
  { program, directory }: FoundProgram,
  context: ProvisionContext,
  { packages }: WantedEngine,
): Promise<ProvisionedEngine> {
  const environment = await environmentOf({ program, directory });
  const known = environment === undefined ? undefined : versionOf(environment, packages);
  if (environment !== undefined && known !== undefined)
    return { reference, directory, program, digest: environment.digest, version: known };
  const said = saysItsVersion(program) ? await askVersion(program, reference, context) : '';
  return {
    reference,
    directory,
    program,
    digest: environment?.digest ?? `sha256-${await sha256OfFile(program, context.signal)}`,
    ...defined({ version: versionIn(said) }),
  };
}

async function askVersion(
  program: string,
  reference: string,
  { signal, onProgress }: ProvisionContext,
): Promise<string> {
  onProgress({ reference, phase: `asking ${program} for its version` });
  const said = await run([program, '--version'], {
    signal: AbortSignal.any([signal, AbortSignal.timeout(versionTimeoutMs)]),
  }).catch(() => '');
  signal.throwIfAborted();
  return said;
}

/** Whether a program prints the engine's version for `--version`; an interpreter prints its own. */
export function saysItsVersion(program: string): boolean {
  return !/^python[\d.]*$/.test(basename(program));
}

/** The version in a program's output. */
export function versionIn(said: string): string | undefined {
  const version = /\d+(?:\.\d+)+\S*|\bversion:?\s+(\S+)/.exec(said);
  return version?.[1] ?? version?.[0];
}

async function isExecutable(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return false;
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
