import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from 'hono';
import { z } from 'zod';
import { InputError } from '../errors.ts';
import type { IngestOutcome } from '../store/index.ts';
import { problem } from './http/problem.ts';
import type { RateLimiter } from './http/rate-limit.ts';
import { withoutHostPaths } from './privacy.ts';
import type { TokenFile } from './tokens.ts';

export const ingestAnswer = z.object({
  added: z.int().nonnegative().describe('Measurements that were new'),
  unchanged: z.int().nonnegative(),
  evals: z.int().nonnegative().describe('Scores that were new'),
  changelogEntries: z.int().nonnegative().describe('Entries that were new'),
  quarantined: z.array(z.object({ file: z.string(), reason: z.string() })),
});

export interface IngestOptions {
  readonly tokens: TokenFile;
  /** Takes an archive on this host into the store; throws InputError where there is no run in it. */
  readonly ingest: (archive: string) => Promise<IngestOutcome>;
  readonly maxBytes: number;
  readonly limiter: RateLimiter;
  readonly clientOf: (context: Context) => string;
}

/** `POST /api/v1/ingest`: an archive of run artifacts, from who has a token. */
export function ingestRoute({ tokens, ingest, maxBytes, limiter, clientOf }: IngestOptions) {
  return async (context: Context): Promise<Response> => {
    const waitS = limiter.take(clientOf(context));
    if (waitS !== undefined) {
      const headers = { 'retry-after': String(Math.ceil(waitS)) };
      return problem(429, 'too many attempts to write', { headers });
    }
    const [, secret] = /^Bearer (\S+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
    if (secret === undefined || (await tokens.nameOf(secret, new Date())) === undefined) {
      const headers = { 'www-authenticate': 'Bearer' };
      return problem(401, 'writing needs a valid token in the Authorization header', { headers });
    }
    if (!/^application\/zip\b/i.test(context.req.header('content-type') ?? '')) {
      return problem(415, 'the content must be application/zip');
    }
    const tooLarge = problem(413, `the archive may have ${maxBytes} bytes at most`);
    if (Number(context.req.header('content-length') ?? 0) > maxBytes) return tooLarge;
    const { body } = context.req.raw;
    if (body === null) return problem(422, 'there is no archive in the request');
    const folder = await mkdtemp(join(tmpdir(), 'inferencemax-ingest-'));
    try {
      const archive = join(folder, 'upload.zip');
      const whole = await received(
        Readable.fromWeb(body as import('node:stream/web').ReadableStream),
        archive,
        maxBytes,
      );
      if (!whole) return tooLarge;
      const { added, unchanged, evals, changelogEntries, quarantined } = await ingest(archive);
      return context.json({
        ...{ added, unchanged, evals, changelogEntries },
        quarantined: quarantined.map(({ file, reason }) => ({
          file: withoutHostPaths(file),
          reason: withoutHostPaths(reason),
        })),
      });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return problem(422, withoutHostPaths(error.problems.map(({ message }) => message).join('; ')));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/** Writes a body to a file; false where it is longer than it may be. */
async function received(body: Readable, file: string, maxBytes: number): Promise<boolean> {
  let bytes = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > maxBytes) done(new TooLarge());
      else done(null, chunk);
    },
  });
  try {
    await pipeline(body, limit, createWriteStream(file));
    return true;
  } catch (error) {
    if (error instanceof TooLarge) return false;
    throw error;
  }
}

class TooLarge extends Error {}
