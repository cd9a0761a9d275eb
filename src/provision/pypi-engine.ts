import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { type Fault, InputError, messageOf, WorkError } from '../errors.ts';
import { lock } from '../process/lock.ts';
import { run } from '../process/run.ts';
import { requireSpace } from './disk-space.ts';
import { folderBytes } from './folder-bytes.ts';
import type { EngineSource, ProvisionContext } from './provision.ts';
import { installer, type PythonEngine, pythonEngines } from './python-packages.ts';
import { slug } from './slug.ts';

const form = /^pypi:([^@#=?]+)(?:@|==)([^@#=?]+)(?:\?extra-index=(https?:\/\/[^\s#?]+))?$/;
/** Measuring the size of tens of thousands of files takes a while itself. */
const progressEveryMs = 5_000;

/**
 * `pypi:NAME==VERSION` (or `@VERSION`), optionally followed by `?extra-index=URL` for an additional package index, such
 * as PyTorch's: a Python engine in its own virtual environment. Environments cannot be moved, so it is built in place,
 * and counts as complete once its manifest exists; the manifest is written last. Downloads and packages of a killed
 * install are reused.
 */
export const pypiEngine: EngineSource = {
  example: 'pypi:vllm==0.24.0',
  kind: 'package',
  accepts: (reference) => reference.startsWith('pypi:') && !reference.includes('#'),
  fault: async (reference) => {
    const parsed = parse(reference);
    return parsed.success ? undefined : parsed.fault;
  },
  provision: async (reference, context) => {
    const parsed = parse(reference);
    if (!parsed.success) throw new InputError([parsed.fault], undefined, { code: 'engine-unavailable' });
    const { name, version, engine, extraIndex } = parsed;
    const directory = join(context.cacheDir, 'engines', slug(reference));
    const release = await lock(`${directory}.lock`, {
      signal: context.signal,
      onWait: ({ pid }) =>
        context.onProgress({ reference, phase: `waiting for process ${pid}, which installs it` }),
    });
    try {
      const digest =
        (await installed(directory)) ??
        (await install(directory, reference, { name, version, engine, extraIndex }, context));
      return { directory, reference, digest, version };
    } finally {
      await release();
    }
  },
};

function parse(reference: string) {
  const refuse = (fault: Fault) => ({ success: false, fault }) as const;
  const [, name, version, extraIndex] = form.exec(reference) ?? [];
  if (name === undefined || version === undefined) {
    const hint = `expected pypi:NAME==VERSION, and after it ?extra-index=URL if a further index is needed, such as ${pypiEngine.example}`;
    const versionless = /^pypi:[^@=]+$/.test(reference);
    return refuse({
      message: `image '${reference}' ${versionless ? 'has no version' : 'is not of the form pypi:NAME==VERSION'}`,
      hint,
    });
  }
  const engine = pythonEngines[name];
  if (engine !== undefined) return { success: true, name, version, engine, extraIndex } as const;
  return refuse({
    message: `image '${reference}': ${name} is not one of the packages of PyPI that can be installed as an engine`,
    hint: `there is ${Object.keys(pythonEngines).join(', ')}; a container image needs a pool whose launcher runs containers`,
  });
}

/** A package, as an image names it. */
interface AskedPackage {
  readonly name: string;
  readonly version: string;
  readonly engine: PythonEngine;
  readonly extraIndex: string | undefined;
}

async function install(
  directory: string,
  reference: string,
  { name, version, engine, extraIndex }: AskedPackage,
  context: ProvisionContext,
): Promise<string> {
  await requireSpace(context.cacheDir, reference, engine.bytesNeeded);
  const tell = (phase: string) => context.onProgress({ reference, phase });
  const python = await interpreter(engine.pythons, context.signal);
  await mkdir(directory, { recursive: true });
  tell(`making a Python environment with ${python}`);
  const own = join(directory, 'bin', 'python');
  await step([python, '-m', 'venv', directory], 'install its venv module (Debian: python3-venv)', context);
  await step(
    [own, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', installer],
    undefined,
    context,
  );
  const overrides = join(directory, 'overrides.txt');
  await writeFile(overrides, `${engine.overrides.join('\n')}\n`);
  const downloads = join(context.cacheDir, 'downloads', slug(reference));
  const packages = [`${name}==${version}`, ...engine.beside];
  await withSizeTold(directory, reference, context, async () => {
    // The installer's cache keeps downloads, so that an interrupted install continues where it stopped.
    const quiet = ['--quiet', '--no-progress', '--no-config'];
    const day = engine.resolvedAt === undefined ? [] : ['--exclude-newer', engine.resolvedAt];
    const index =
      extraIndex === undefined
        ? []
        : ['--extra-index-url', extraIndex, '--index-strategy', 'unsafe-best-match'];
    const options = ['--python', own, '--override', overrides, ...day, ...index];
    const fetched = ['--cache-dir', downloads, '--link-mode', 'hardlink'];
    const uv = [join(directory, 'bin', 'uv'), 'pip', 'install'] as const;
    await step([...uv, ...quiet, ...options, ...fetched, ...packages], undefined, context);
  });
  if (engine.alsoKnownAs !== undefined) await alsoKnownAs(directory, engine.alsoKnownAs, version);
  tell('recording what was installed');
  const frozen = await run([join(directory, 'bin', 'uv'), 'pip', 'freeze', '--python', own], context);
  const digest = `sha256-${createHash('sha256').update(frozen).digest('hex')}`;
  await writeFileAtomically(
    join(directory, manifestFile),
    `${JSON.stringify({ reference, digest, python, packages: frozen.trim().split('\n') }, null, 2)}\n`,
  );
  await rm(downloads, { recursive: true, force: true });
  return digest;
}

async function step(
  command: readonly [string, ...string[]],
  hint: string | undefined,
  { signal }: ProvisionContext,
): Promise<void> {
  try {
    await run(command, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new WorkError(messageOf(error), {
      code: 'engine-unavailable',
      cause: error,
      hint: hint ?? 'run the command again; fetched files are kept',
    });
  }
}

/** The first installed interpreter of a version that supports the engine. */
async function interpreter(candidates: readonly string[], signal: AbortSignal): Promise<string> {
  const versions = candidates.filter((name) => name !== 'python3').map((name) => name.replace('python', ''));
  for (const candidate of candidates) {
    const print = 'import sys; print("%d.%d" % sys.version_info[:2])';
    const version = await run([candidate, '-c', print], { signal }).catch(() => undefined);
    signal.throwIfAborted();
    if (version !== undefined && versions.includes(version.trim())) return candidate;
  }
  throw new InputError(
    `the engine needs Python ${versions.toSorted().join(', ')}, and none is installed`,
    'install one with its venv module',
    { code: 'engine-unavailable' },
  );
}

/** Reports the size of an environment while it grows. */
async function withSizeTold(
  directory: string,
  reference: string,
  { onProgress }: ProvisionContext,
  work: () => Promise<void>,
): Promise<void> {
  let measuring = false;
  const tell = async () => {
    if (measuring) return;
    measuring = true;
    const bytesDone = await folderBytes(directory).finally(() => {
      measuring = false;
    });
    onProgress({ reference, phase: 'installing Python packages', bytesDone });
  };
  onProgress({ reference, phase: 'installing Python packages' });
  const timer = setInterval(() => void tell().catch(() => undefined), progressEveryMs);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}

/** Adds package metadata under a second name: vLLM looks up its version as `vllm`, whatever its package is called. */
async function alsoKnownAs(
  directory: string,
  { name, versionSuffix }: { readonly name: string; readonly versionSuffix: string },
  version: string,
): Promise<void> {
  const [python] = (await readdir(join(directory, 'lib'))).filter((entry) => entry.startsWith('python'));
  const info = join(directory, 'lib', python ?? '', 'site-packages', `${name}-${version}.dist-info`);
  await mkdir(info, { recursive: true });
  const fields = ['Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}${versionSuffix}`];
  await writeFile(join(info, 'METADATA'), `${fields.join('\n')}\n`);
  await writeFile(join(info, 'INSTALLER'), 'inferencemax\n');
  await writeFile(join(info, 'RECORD'), '');
}

const manifestFile = 'inferencemax.json';
const manifest = z.object({ digest: z.string() });

/** The digest of a complete environment. */
async function installed(directory: string): Promise<string | undefined> {
  const text = await readFile(join(directory, manifestFile), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : manifest.parse(JSON.parse(text)).digest;
}
