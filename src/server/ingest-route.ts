import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from 'hono';
import { z } from 'zod';
import { defined } from '../defined/defined.ts';
import { InputError } from '../errors.ts';
import type { IngestOptions, IngestOutcome } from '../store/index.ts';
import { AtOnce, TooMuchAtOnce } from './http/at-once.ts';
import { problem } from './http/problem.ts';
import type { RateLimiter } from './http/rate-limit.ts';
import { publicText } from './privacy.ts';
import type { TokenFile } from './tokens.ts';

export const ingestAnswer = z.object({
  added: z.int().nonnegative().describe('Measurements that were new'),
  unchanged: z.int().nonnegative(),
  evals: z.int().nonnegative().describe('Scores that were new'),
  changelogEntries: z.int().nonnegative().describe('Entries that were new'),
  quarantined: z.array(z.object({ file: z.string(), reason: z.string() })),
});

/** A name that a database can store and a page can show. */
const name = z
  .string()
  .min(1)
  .max(300)
  .refine(
    (text) => text.isWellFormed() && !/\p{Cc}/u.test(text),
    'has a character that is not allowed in a name',
  );

/** Facts that the caller adds to artifacts; a run directory contains them itself. */
export const ingestParameters = z.strictObject({
  run: name
    .optional()
    .describe(
      'The id of the run that artifacts belong to (default: derived from the other parameters, or from their content)',
    ),
  sha: z
    .string()
    .regex(/^[0-9a-f]{7,64}$/i, 'expected a commit, 7 to 64 hexadecimal digits')
    .transform((sha) => sha.toLowerCase())
    .optional()
    .describe('The measured commit'),
  ref: name.optional().describe('Its branch or tag'),
  url: z
    .url({ protocol: /^https?$/, error: 'expected an http or https URL' })
    .max(2000)
    .refine((url) => !/^\w+:\/\/[^/?#]*@/.test(url), 'must not contain a password')
    .optional()
    .describe('URL of the CI run'),
  measuredAt: z.iso
    .datetime({ offset: true, error: 'expected a time such as 2026-01-14T10:15:00Z' })
    .optional()
    .describe("When rows without a raw result were measured (default: the files' own time)"),
});

export interface IngestRouteOptions {
  readonly tokens: TokenFile;
  /** Ingests an archive on this host; throws InputError if it contains no run. */
  readonly ingest: (archive: string, options: IngestOptions) => Promise<IngestOutcome>;
  readonly maxBytes: number;
  readonly limiter: RateLimiter;
  readonly clientOf: (context: Context) => string;
}

/** Archives that are ingested at once, and that wait; jobs of a CI matrix may finish at the same moment. */
const mostAtOnce = { running: 2, waiting: 64 };
/** Limit on the unpacked size of an uploaded archive, in bytes. */
const mostUnpackedBytes = 1024 ** 3;

/** `POST /api/v1/ingest`: accepts an archive of run artifacts from a client with a token. */
export function ingestRoute({ tokens, ingest, maxBytes, limiter, clientOf }: IngestRouteOptions) {
  const takingIn = new AtOnce(mostAtOnce);
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
    const said = parametersOf(context);
    if (said instanceof Response) return said;
    const tooLarge = problem(413, `the archive is larger than ${maxBytes} bytes`);
    if (Number(context.req.header('content-length') ?? 0) > maxBytes) return tooLarge;
    const { body } = context.req.raw;
    if (body === null) return problem(422, 'the request contains no archive');
    const folder = await mkdtemp(join(tmpdir(), 'inferencemax-ingest-'));
    try {
      const archive = join(folder, 'upload.zip');
      const contentSha256 = await received(
        Readable.fromWeb(body as import('node:stream/web').ReadableStream),
        archive,
        maxBytes,
      );
      if (contentSha256 === undefined) return tooLarge;
      // Several archives of one CI run are one sweep; other archives are one sweep each.
      const uploadedAs = said.url === undefined ? `upload-${contentSha256.slice(0, 12)}` : 'upload';
      const outcome = await takingIn.do(
        async () => await ingest(archive, { ...said, mostUnpackedBytes, uploadedAs }),
      );
      const { added, unchanged, evals, changelogEntries, quarantined } = outcome;
      return context.json({
        added,
        unchanged,
        evals,
        changelogEntries,
        quarantined: quarantined.map(({ file, reason }) => ({
          file: publicText(file),
          reason: publicText(reason),
        })),
      });
    } catch (error) {
      if (error instanceof TooMuchAtOnce) {
        const headers = { 'retry-after': '5' };
        return problem(503, 'too many other archives are waiting', { headers });
      }
      if (!(error instanceof InputError)) throw error;
      return problem(422, publicText(error.problems.map(({ message }) => message).join('; ')));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

/** Parses the query, or returns the error response. */
function parametersOf(context: Context): Omit<IngestOptions, 'uploadedAs'> | Response {
  const query = Object.entries(context.req.queries());
  const repeated = query.filter(([, values]) => values.length > 1);
  const parsed = ingestParameters.safeParse(Object.fromEntries(query.map(([one, [value]]) => [one, value])));
  const problems = [
    ...repeated.map(([parameter]) => ({ parameter, message: 'give it once' })),
    ...(parsed.error?.issues ?? []).map(({ path, message }) => ({ parameter: path.join('.'), message })),
  ];
  if (!parsed.success || problems.length > 0)
    return problem(400, 'a parameter is invalid; nothing was ingested', { problems });
  const { run, sha, ref, url, measuredAt } = parsed.data;
  return {
    ...defined({
      sweepId: run,
      gitSha: sha,
      gitRef: ref,
      url,
      measuredAt: measuredAt === undefined ? undefined : new Date(measuredAt),
    }),
  };
}

/** Writes a body to a file and returns its SHA-256; undefined if it is too large. */
async function received(body: Readable, file: string, maxBytes: number): Promise<string | undefined> {
  let bytes = 0;
  const content = createHash('sha256');
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      content.update(chunk);
      if (bytes > maxBytes) done(new TooLarge());
      else done(null, chunk);
    },
  });
  try {
    await pipeline(body, limit, createWriteStream(file));
    return content.digest('hex');
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

class TooLarge extends Error {}
