import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { messageOf, WorkError } from '../errors.ts';
import { sha256OfFile } from '../file-digest.ts';
import { lock } from '../process/lock.ts';
import { pins } from './pins.ts';
import type { ProvisionContext, ProvisionedModel } from './provision.ts';
import { slug } from './slug.ts';
import { withStaging } from './staging.ts';

const manifestSchema = z.object({
  reference: z.string(),
  sha256: z.string(),
  bytes: z.int(),
  mtimeMs: z.number(),
});
type Manifest = z.infer<typeof manifestSchema>;

/** Minimum interval between progress messages. */
const progressEveryMs = 200;

/**
 * The weights of a reference from the cache, downloaded first if they are not there. One process downloads at a time;
 * `fetch` returns the file's bytes, and the checksum is computed while writing. Cached files are checked by size and
 * time on every use, and by checksum if these differ from the record.
 */
export async function cachedWeights(
  reference: string,
  context: ProvisionContext,
  fetch: (staging: string) => Promise<{ readonly content: Readable; readonly bytes?: number }>,
): Promise<ProvisionedModel> {
  const folder = join(context.cacheDir, 'models', slug(reference));
  const release = await lock(`${folder}.lock`, {
    signal: context.signal,
    onWait: ({ pid }) =>
      context.onProgress({ reference, phase: `waiting for process ${pid}, which is fetching it` }),
  });
  try {
    const cached = await fromCache(reference, folder, context);
    if (cached !== undefined) return cached;
    return await withStaging(context.cacheDir, async (staging) => {
      const { content, bytes } = await fetch(staging);
      return await store(reference, folder, staging, content, bytes ?? pins[reference]?.bytes, context);
    });
  } finally {
    await release();
  }
}

async function fromCache(
  reference: string,
  folder: string,
  context: ProvisionContext,
): Promise<ProvisionedModel | undefined> {
  const path = join(folder, weightsFile);
  const recorded = await readManifest(folder);
  const found = await stat(path).catch(() => undefined);
  if (recorded === undefined || found === undefined) return undefined;
  const { sha256, bytes } = recorded;
  if (found.size !== bytes || found.mtimeMs !== recorded.mtimeMs) {
    context.onProgress({ reference, phase: 'checking the checksum again, because the file was touched' });
    const actual = await sha256OfFile(path, context.signal);
    refuseMismatch(reference, path, { expected: sha256, actual });
    await writeManifest(folder, { ...recorded, mtimeMs: found.mtimeMs });
  }
  return { path, reference, sha256, bytes };
}

async function store(
  reference: string,
  folder: string,
  staging: string,
  content: Readable,
  bytesTotal: number | undefined,
  context: ProvisionContext,
): Promise<ProvisionedModel> {
  const written = join(staging, weightsFile);
  const hash = createHash('sha256');
  let bytesDone = 0;
  let toldAt = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytesDone += chunk.length;
      if (performance.now() - toldAt > progressEveryMs) {
        toldAt = performance.now();
        const total = bytesTotal === undefined ? {} : { bytesTotal };
        context.onProgress({ reference, phase: 'writing', bytesDone, ...total });
      }
      done(null, chunk);
    },
  });
  await pipeline(content, meter, createWriteStream(written, { flags: 'wx' }), {
    signal: context.signal,
  }).catch((error: unknown) => {
    context.signal.throwIfAborted();
    throw new WorkError(`cannot write the weights of ${reference} to ${staging}: ${messageOf(error)}`, {
      cause: error,
      hint: 'free some space, or choose a cache on another disk with --cache-dir',
    });
  });
  const handle = await open(written, 'r');
  await handle.sync().finally(() => handle.close());
  const sha256 = hash.digest('hex');
  const pinned = pins[reference]?.sha256;
  if (pinned !== undefined)
    refuseMismatch(reference, 'what was fetched', { expected: pinned, actual: sha256 });
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const path = join(folder, weightsFile);
  await rename(written, path);
  const { mtimeMs } = await stat(path);
  await writeManifest(folder, { reference, sha256, bytes: bytesDone, mtimeMs });
  return { path, reference, sha256, bytes: bytesDone };
}

const weightsFile = 'weights.gguf';
const manifestFile = 'manifest.json';

async function readManifest(folder: string): Promise<Manifest | undefined> {
  const text = await readFile(join(folder, manifestFile), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : manifestSchema.parse(JSON.parse(text));
}

async function writeManifest(folder: string, manifest: Manifest): Promise<void> {
  await writeFileAtomically(join(folder, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`);
}

function refuseMismatch(
  reference: string,
  what: string,
  { expected, actual }: { readonly expected: string; readonly actual: string },
): void {
  if (expected === actual) return;
  throw new WorkError(
    `checksum mismatch for ${reference}: ${what} has sha256 ${actual}, expected ${expected}`,
    {
      hint: 'delete the file (or check the proxy) and run the command again to download it again',
    },
  );
}
