import { readdir, stat } from 'node:fs/promises';
import { homedir, hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { bodyWithin } from '../bounded-read.ts';
import { defined } from '../defined/defined.ts';
import { type Engine, type EngineMetrics, engines, publishedNames } from '../engines/index.ts';
import { thisMachine } from '../hosts/index.ts';
import type { ModelFacts } from '../model-facts.ts';
import { defaultHubCache, engineFault, examineModelFolder, presentVersion } from '../provision/index.ts';
import { environmentOf } from '../telemetry/index.ts';

/** A device of this machine. */
export interface FoundDevice {
  readonly name: string;
  readonly memoryBytes?: number;
}

/** An engine that can be started here. */
export interface FoundEngine {
  readonly framework: string;
  /** As in a config. */
  readonly image: string;
  readonly version?: string;
}

/** Weights on this machine: a folder in Hugging Face layout, or a GGUF file. */
export interface FoundModel {
  readonly path: string;
  readonly form: 'folder' | 'gguf';
  /** Display name: the folder's name, or the repository's name in the hub's cache. */
  readonly name: string;
  readonly facts?: ModelFacts;
  /** What is missing if the model is incomplete. */
  readonly lacks: readonly string[];
}

/** What this machine offers for a first measurement. */
export interface Survey {
  readonly host: string;
  readonly vendor?: string;
  readonly devices: readonly FoundDevice[];
  readonly engines: readonly FoundEngine[];
  readonly models: readonly FoundModel[];
  /** Launcher tools that work here, each with its version or status. */
  readonly tools: readonly { readonly tool: string; readonly says: string }[];
}

/** What the user specified; it takes precedence over anything else. */
export interface SurveyOptions {
  /** A folder that contains an engine, or an image reference. */
  readonly engine?: string | undefined;
  /** A folder of weights, a GGUF file, or a folder of such folders. */
  readonly model?: string | undefined;
  /** Weights are not required. */
  readonly dummy?: boolean | undefined;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

/** Surveys this machine without changing anything. */
export async function survey(options: SurveyOptions = {}): Promise<Survey> {
  const { environment = process.env, cwd = process.cwd() } = options;
  const [{ accelerators }, found, models, tools] = await Promise.all([
    environmentOf(thisMachine),
    findEngines(options, environment, cwd),
    findModels(options, environment, cwd),
    findTools(),
  ]);
  return {
    host: hostname(),
    ...defined({ vendor: accelerators?.vendor }),
    devices: (accelerators?.devices ?? []).map(({ name, memory_bytes }) => ({
      name,
      ...defined({ memoryBytes: memory_bytes }),
    })),
    engines: found,
    models,
    tools,
  };
}

/** Common places for virtual environments. */
async function environmentFolders(
  environment: NonNullable<SurveyOptions['environment']>,
  cwd: string,
): Promise<string[]> {
  const named = [environment.VIRTUAL_ENV, environment.CONDA_PREFIX].filter((one) => one !== undefined);
  const here = ['.venv', 'venv', 'env'].map((name) => join(cwd, name));
  const home = homedir();
  const parents = [join(home, 'venvs'), join(home, '.venvs'), '/opt/venvs', '/opt'];
  const below = await Promise.all(parents.map(foldersIn));
  return [...named, ...here, join(home, 'venv'), join(home, '.venv'), ...below.flat()];
}

async function findEngines(
  { engine: named }: SurveyOptions,
  environment: NonNullable<SurveyOptions['environment']>,
  cwd: string,
): Promise<FoundEngine[]> {
  const folders = named === undefined ? await environmentFolders(environment, cwd) : [];
  const references =
    named === undefined
      ? folders.map((folder) => `path:${folder}`)
      : [/^[a-z]+:/.test(named) ? named : `path:${resolve(cwd, named)}`];
  const found: FoundEngine[] = [];
  for (const { framework, installed, metrics } of engines) {
    if (installed === undefined) continue;
    if (named?.startsWith(serverPrefix) === true) {
      if (await publishes(named.slice(serverPrefix.length), metrics)) found.push({ framework, image: named });
      continue;
    }
    if (named !== undefined && !mayProvide(named, installed)) continue;
    const onPath =
      named === undefined && installed.program !== 'python3' ? [`${programPrefix}${installed.program}`] : [];
    for (const image of [...references, ...onPath]) {
      if ((await engineFault(image, installed)) !== undefined) continue;
      const version = await presentVersion(image, installed);
      // Python alone is not an engine.
      if (installed.program === 'python3' && version === undefined && !packageForm.test(image)) continue;
      found.push({ framework, image, ...defined({ version }) });
    }
  }
  return found;
}

const packageForm = /^(npm|pypi):([^@=?#]+)/;

/** Whether an image can be this engine: packages and programs are named after theirs, and folders have to be tried. */
function mayProvide(
  image: string,
  { program, packages = [], npmPackage }: NonNullable<Engine['installed']>,
): boolean {
  if (image.startsWith(programPrefix)) return basename(image.slice(programPrefix.length)) === program;
  const [, registry, name = ''] = packageForm.exec(image) ?? [];
  if (registry === undefined) return true;
  return registry === 'npm' ? name === npmPackage : packages.includes(name);
}

const serverPrefix = 'url:';
const programPrefix = 'command:';

/** Whether a server publishes metrics under an engine's names. */
async function publishes(server: string, metrics: EngineMetrics | undefined): Promise<boolean> {
  if (metrics === undefined) return false;
  try {
    const response = await fetch(`${server}${metrics.path}`, { signal: AbortSignal.timeout(answerWithinMs) });
    const text = await bodyWithin(response, metricsBytes);
    return response.ok && publishedNames([text], metrics) > 0;
  } catch {
    return false;
  }
}

const answerWithinMs = 5000;
const metricsBytes = 8_000_000;

/** Common places for weights. */
function weightFolders(environment: NonNullable<SurveyOptions['environment']>, cwd: string): string[] {
  const home = homedir();
  return [
    cwd,
    ...['models', 'weights'].map((name) => join(cwd, name)),
    ...['models', 'weights'].map((name) => join(home, name)),
    '/models',
    '/data/models',
    '/mnt/models',
    ...(environment.MODEL_DIR === undefined ? [] : [environment.MODEL_DIR]),
  ];
}

async function findModels(
  { model: named, dummy = false }: SurveyOptions,
  environment: NonNullable<SurveyOptions['environment']>,
  cwd: string,
): Promise<FoundModel[]> {
  if (named !== undefined) {
    const path = resolve(cwd, named.replace(/^~(?=\/|$)/, homedir()));
    const own = await modelAt(path, dummy);
    return own === undefined ? await modelsIn(path, dummy) : [own];
  }
  const roots = weightFolders(environment, cwd);
  const below = await Promise.all(roots.map(async (root) => await modelsIn(root, dummy)));
  return [...below.flat(), ...(await modelsOfHub(environment, dummy))];
}

/** Models in a folder and one level deeper, as in `models/ORG/NAME`. */
async function modelsIn(root: string, dummy: boolean, depth = 1): Promise<FoundModel[]> {
  const found: FoundModel[] = [];
  for (const name of (await names(root)).filter((one) => one.endsWith('.gguf'))) {
    const model = await modelAt(join(root, name), dummy);
    if (model !== undefined) found.push(model);
  }
  for (const folder of await foldersIn(root)) {
    const model = await modelAt(folder, dummy);
    if (model !== undefined) found.push(model);
    else if (depth > 0) found.push(...(await modelsIn(folder, dummy, depth - 1)));
  }
  return found;
}

async function modelsOfHub(
  environment: NonNullable<SurveyOptions['environment']>,
  dummy: boolean,
): Promise<FoundModel[]> {
  const found: FoundModel[] = [];
  for (const repository of await foldersIn(defaultHubCache(environment))) {
    const [, name] = /\/models--(.+)$/.exec(repository) ?? [];
    if (name === undefined) continue;
    for (const snapshot of await foldersIn(join(repository, 'snapshots'))) {
      const model = await modelAt(snapshot, dummy);
      if (model !== undefined) found.push({ ...model, name: name.split('--').at(-1) ?? name });
    }
  }
  return found;
}

/** The model at a path, complete or not; undefined if there is none. */
async function modelAt(path: string, dummy: boolean): Promise<FoundModel | undefined> {
  const found = await stat(path).catch(() => undefined);
  const name = path.split('/').at(-1) ?? path;
  if (found?.isFile() === true)
    return path.endsWith('.gguf')
      ? { path, form: 'gguf', name: name.replace(/\.gguf$/, ''), lacks: [] }
      : undefined;
  if (found?.isDirectory() !== true || !(await names(path)).includes('config.json')) return undefined;
  const examined = await examineModelFolder(path, { dummy });
  if (!('folder' in examined)) return { path, form: 'folder', name, lacks: examined.lacks };
  return { path, form: 'folder', name, facts: examined.folder.shape, lacks: [] };
}

const toolCommands: Readonly<Record<string, string>> = {
  Docker: 'docker version --format {{.Server.Version}}',
  Slurm: 'sinfo --noheader --format=%P',
  Kubernetes: 'kubectl config current-context',
};

async function findTools(): Promise<Survey['tools']> {
  const found = await Promise.all(
    Object.entries(toolCommands).map(async ([tool, command]) => {
      const output = await thisMachine.run(command.split(' '), { timeoutMs: 5000 }).catch(() => undefined);
      const says = output?.code === 0 ? output.stdout.trim().split('\n').join(', ') : '';
      return says === '' ? [] : [{ tool, says }];
    }),
  );
  return found.flat();
}

async function names(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).toSorted();
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('.') || dirname(folder) === folder)
    .toSorted()
    .map((name) => join(folder, name));
}
