import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Fault, InputError, WorkError } from '../errors.ts';
import { lock } from '../process/lock.ts';
import { run } from '../process/run.ts';
import { requireSpace } from './disk-space.ts';
import type { EngineSource } from './provision.ts';
import { slug } from './slug.ts';
import { withStaging } from './staging.ts';

const form = /^npm:((?:@[^@/]+\/)?[^@/]+)@([^@]+)$/;

/** Space for the largest engine with one prebuilt binary, unpacked. */
const bytesNeeded = 200e6;

/**
 * Optional packages that are still needed: the prebuilt binaries for this platform's CPU, not the 700 MB of other
 * builds.
 */
const platformPackages: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'node-llama-cpp': {
    'linux-x64': '@node-llama-cpp/linux-x64',
    'linux-arm64': '@node-llama-cpp/linux-arm64',
    'darwin-x64': '@node-llama-cpp/mac-x64',
    'darwin-arm64': '@node-llama-cpp/mac-arm64-metal',
    'win32-x64': '@node-llama-cpp/win-x64',
    'win32-arm64': '@node-llama-cpp/win-arm64',
  },
};

/** `npm:NAME@VERSION`: an engine from the npm registry, installed without running its scripts. */
export const npmEngine: EngineSource = {
  example: 'npm:node-llama-cpp@3.22.1',
  kind: 'package',
  accepts: (reference) => reference.startsWith('npm:'),
  fault: async (reference) => {
    const parsed = parse(reference);
    return parsed.success ? undefined : parsed.fault;
  },
  provision: async (reference, context) => {
    const parsed = parse(reference);
    if (!parsed.success) throw new InputError([parsed.fault], undefined, { code: 'engine-unavailable' });
    const { name, version } = parsed;
    const directory = join(context.cacheDir, 'engines', slug(reference));
    const release = await lock(`${directory}.lock`, {
      signal: context.signal,
      onWait: ({ pid }) =>
        context.onProgress({ reference, phase: `waiting for process ${pid}, which installs it` }),
    });
    try {
      const installed = await integrity(directory, name);
      if (installed !== undefined) return { directory, reference, digest: installed };
      await requireSpace(context.cacheDir, reference, bytesNeeded);
      context.onProgress({ reference, phase: 'installing with npm' });
      const digest = await withStaging(context.cacheDir, async (staging) => {
        await install(staging, [`${name}@${version}`, ...platformPackage(name, version)], context.signal);
        const found = await integrity(staging, name);
        if (found === undefined)
          throw new WorkError(`npm installed no ${name}`, { code: 'engine-unavailable' });
        await mkdir(join(context.cacheDir, 'engines'), { recursive: true });
        await rm(directory, { recursive: true, force: true });
        await rename(staging, directory);
        return found;
      });
      return { directory, reference, digest };
    } finally {
      await release();
    }
  },
};

function parse(reference: string) {
  const [, name, version] = form.exec(reference) ?? [];
  if (name !== undefined && version !== undefined) return { success: true, name, version } as const;
  const versionless = /^npm:@?[^@]+$/.test(reference);
  const fault: Fault = {
    message: `image '${reference}' ${versionless ? 'has no version' : 'is not of the form npm:NAME@VERSION'}`,
    hint: `expected npm:NAME@VERSION, such as ${npmEngine.example}`,
  };
  return { success: false, fault } as const;
}

async function install(folder: string, packages: readonly string[], signal: AbortSignal): Promise<void> {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const options = ['--prefix', folder, '--omit=optional', '--ignore-scripts', ...quiet];
  await run(['npm', 'install', ...options, ...packages], { signal });
}

function platformPackage(name: string, version: string): string[] {
  const packages = platformPackages[name];
  if (packages === undefined) return [];
  const platform = `${process.platform}-${process.arch}`;
  const wanted = packages[platform];
  if (wanted === undefined) {
    throw new InputError(
      `${name} has no prebuilt binary for ${platform}`,
      `it has for ${Object.keys(packages).join(', ')}`,
      { code: 'engine-unavailable' },
    );
  }
  return [`${wanted}@${version}`];
}

const lockFile = z.object({
  packages: z.record(z.string(), z.object({ integrity: z.string().optional() })),
});

/** The integrity hash that npm recorded for an installed package; undefined if the install is missing or incomplete. */
async function integrity(directory: string, name: string): Promise<string | undefined> {
  const text = await readFile(join(directory, 'package-lock.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return lockFile.parse(JSON.parse(text)).packages[`node_modules/${name}`]?.integrity;
}
