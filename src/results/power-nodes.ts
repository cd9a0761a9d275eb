import { readdir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { z } from 'zod';
import { InputError } from '../errors.ts';
import {
  type AskedGpus,
  type NodesPower,
  type NodesPowerAudit,
  type NoPackage,
  type PowerPackage,
  type PowerReason,
  powerOfNodes,
  type WindowFile,
  type WindowFiles,
  type WindowResult,
  withoutRow,
} from '../power/index.ts';
import { jsonValue } from './json-text.ts';
import { type AddedPower, jsonOf, type PoweredBenchmark, textOf, writePower } from './power-files.ts';

/** Input and output files for the measured power of several nodes. */
export interface NodesPowerRequest extends PoweredBenchmark {
  /** The folder with `manifest.json`, `samples.csv` and `windows/`. */
  readonly powerDir: string;
  /** The folder to which the result paths in windows are relative. */
  readonly logsRoot: string;
  readonly gpus: AskedGpus;
  readonly expectedCommit: string | undefined;
}

/** Adds measured power of several nodes to a row; see `writePower`. */
export async function addPowerOfNodes(request: NodesPowerRequest): Promise<AddedPower> {
  const judged = powerOfNodes(await nodesPower(request));
  return await writePower(request, judged, (audit: NodesPowerAudit, reason: PowerReason) => {
    const kind = reason === 'aggregate_result_missing' ? 'missing' : 'not a JSON object';
    const failures = [...audit.failures, `aggregate ${kind}: ${request.aggResult}`];
    return { ...withoutRow(audit, reason), failures };
  });
}

async function nodesPower(request: NodesPowerRequest): Promise<NodesPower> {
  const { powerDir, logsRoot, result, gpus, expectedCommit } = request;
  return {
    folder: powerDir,
    package: await packageIn(powerDir, logsRoot),
    result,
    pathOf: (resultPath) => join(logsRoot, resultPath),
    gpus,
    expectedCommit,
  };
}

async function packageIn(powerDir: string, logsRoot: string): Promise<PowerPackage | NoPackage> {
  if (!(await isFolder(powerDir)))
    return { reason: 'power_artifacts_missing', fault: `power dir missing: ${powerDir}` };
  const file = join(powerDir, 'manifest.json');
  const manifest = await manifestIn(file);
  if ('reason' in manifest) return manifest;
  return {
    manifest: manifest.value,
    samples: await textOf(join(powerDir, 'samples.csv')),
    windows: await windowFiles(powerDir, logsRoot),
  };
}

async function manifestIn(file: string): Promise<{ readonly value: PowerPackage['manifest'] } | NoPackage> {
  const text = await textOf(file);
  if (text === undefined) return { reason: 'manifest_missing', fault: `manifest missing: ${file}` };
  try {
    const { data } = z.record(z.string(), z.unknown()).safeParse(jsonValue(file, text));
    return data === undefined
      ? { reason: 'manifest_malformed', fault: 'manifest is not an object' }
      : { value: data };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [problem] = error.problems;
    const place = problem?.line === undefined ? '' : `line ${problem.line} column ${problem.column}: `;
    return { reason: 'manifest_malformed', fault: `manifest unreadable: ${place}${problem?.message}` };
  }
}

async function windowFiles(powerDir: string, logsRoot: string): Promise<WindowFiles> {
  const folder = join(powerDir, 'windows');
  if (!(await isFolder(folder))) return [];
  if (!(await isBelow(powerDir, folder))) return 'outside';
  const entries = await readdir(folder, { withFileTypes: true });
  const files = entries.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return await Promise.all(
    files.map(async (entry): Promise<WindowFile> => {
      const { name } = entry;
      if (!entry.isFile()) return { name, content: undefined, result: 'outside' };
      const file = join(folder, name);
      const value = jsonOf(file, (await textOf(file)) ?? '');
      return { name, content: { value }, result: await resultOfWindow(value, logsRoot) };
    }),
  );
}

const namesResult = z.looseObject({ result_path: z.string() });

async function resultOfWindow(window: unknown, logsRoot: string): Promise<WindowResult> {
  const path = namesResult.safeParse(window).data?.result_path;
  if (path === undefined || !isInside(path)) return 'outside';
  const file = join(logsRoot, path);
  const text = await textOf(file).catch(() => undefined);
  if (text === undefined) return 'missing';
  if (!(await isBelow(logsRoot, file))) return 'outside';
  const value = jsonOf(file, text);
  return value === undefined ? 'missing' : { value };
}

/** Whether a path is in a folder, after resolving links. */
async function isBelow(folder: string, path: string): Promise<boolean> {
  return (await realpath(path)).startsWith(`${await realpath(folder)}${sep}`);
}

/** Whether a relative path stays below its starting point. */
function isInside(path: string): boolean {
  return path !== '' && !/^[/~]/.test(path) && !path.split('/').includes('..');
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
