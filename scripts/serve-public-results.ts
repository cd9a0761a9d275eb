/**
 * Serves captured responses of the public project's API from a folder, to try `inferencemax public pull` without the
 * network:
 *
 *   node scripts/serve-public-results.ts FOLDER [PORT]
 *
 * The folder has `benchmark-rows`, `evaluations`, `reliability` and `availability`, each as a list of rows in `.json`
 * or `.json.gz`.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import { models } from '../src/identity/index.ts';

const rowList = z.array(
  z.looseObject({
    model: z.string().optional(),
    isl: z.int().optional(),
    osl: z.int().optional(),
    /** Which endpoints returned a benchmark row; both if absent. */
    captured: z.array(z.string()).optional(),
  }),
);
type Row = z.infer<typeof rowList>[number];

function rowsIn(folder: string, name: string): readonly Row[] {
  const plain = join(folder, `${name}.json`);
  const content = existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`));
  return rowList.parse(JSON.parse(content.toString('utf8')));
}

/** The API's response to a query; undefined for an unknown endpoint. */
function answersIn(folder: string): (question: URL) => readonly Row[] | undefined {
  const names = ['benchmark-rows', 'evaluations', 'reliability', 'availability'] as const;
  const lists = new Map<string, readonly Row[]>(names.map((name) => [name, rowsIn(folder, name)]));
  const benchmarks = (answer: string, model: string | null): readonly Row[] => {
    const meant = models.filter(({ published }) => published === model);
    const keys = new Set(meant.map(({ prefix, publishedKey }) => publishedKey ?? prefix));
    return (lists.get('benchmark-rows') ?? [])
      .filter((row) => keys.has(row.model ?? ''))
      .filter(({ captured }) => captured?.some((one) => one.endsWith(`/${answer}`)) ?? true)
      .map(({ captured: _, ...row }) => row);
  };
  return ({ pathname, searchParams: query }) => {
    const model = query.get('model');
    if (pathname === '/api/v1/benchmarks') return benchmarks('benchmarks', model);
    if (pathname === '/api/v1/benchmarks/history')
      return benchmarks('benchmarks-history', model).filter(
        ({ isl, osl }) => isl === Number(query.get('isl')) && osl === Number(query.get('osl')),
      );
    return lists.get(pathname.replace('/api/v1/', ''));
  };
}

/** Responds like the API, with captured rows from a folder. */
export function publicResults(folder: string): RequestListener {
  const answer = answersIn(folder);
  return (request, response) => {
    const rows = answer(new URL(request.url ?? '/', 'http://localhost'));
    const body = JSON.stringify(rows ?? { error: 'there is no such list' });
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
    const isKnown = rows !== undefined && request.headers['if-none-match'] === etag;
    response.writeHead(rows === undefined ? 404 : isKnown ? 304 : 200, {
      'content-type': 'application/json',
      etag,
    });
    response.end(isKnown ? undefined : body);
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, port = '8090'] = process.argv.slice(2);
  if (folder === undefined || !existsSync(folder)) {
    process.stderr.write('usage: node scripts/serve-public-results.ts FOLDER [PORT]\n');
    process.exit(2);
  }
  createServer(publicResults(folder)).listen(Number(port), '127.0.0.1', () =>
    process.stdout.write(`http://127.0.0.1:${port}\n`),
  );
}
