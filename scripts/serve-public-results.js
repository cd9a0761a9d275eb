// Serves a folder of captured answers of the public project's API as the API would, so that
// `inferencemax public pull --address http://127.0.0.1:8090` can be tried without the network:
//   node scripts/serve-public-results.js FOLDER [PORT]
// The folder has benchmark-rows, evaluations, reliability and availability, each as .json or .json.gz, a list of rows.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** The rows of a captured list. */
function rowsIn(folder, name) {
  const plain = join(folder, `${name}.json`);
  const text = existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`));
  return JSON.parse(text.toString('utf8'));
}

/** A captured row says by which of the two lists of benchmarks it was told; one that does not was told by both. */
const toldBy = (row, list) => (row.captured ?? [list]).some((capture) => capture.endsWith(list));

/** The API asks for a model by another name than its rows have. */
const names = new Map([
  ['DeepSeek-R1-0528', ['dsr1']],
  ['gpt-oss-120b', ['gptoss120b']],
  ['GLM-5', ['glm5', 'glm5.1']],
]);

/**
 * What the API answers to a path and a query: a list of rows, or undefined where it knows no such thing.
 * @param {string} folder
 * @returns {(path: string, query: URLSearchParams) => unknown[] | undefined}
 */
export function answersOf(folder) {
  const lists = new Map(
    ['benchmark-rows', 'evaluations', 'reliability', 'availability'].map((name) => [
      name,
      rowsIn(folder, name),
    ]),
  );
  const benchmarks = (list, query) =>
    lists
      .get('benchmark-rows')
      .filter((row) => (names.get(query.get('model')) ?? [query.get('model')]).includes(row.model))
      .filter((row) => toldBy(row, list))
      .map(({ captured: _, ...row }) => row);
  return (path, query) => {
    if (path === '/api/v1/benchmarks') return benchmarks('/benchmarks', query);
    if (path === '/api/v1/benchmarks/history')
      return benchmarks('/benchmarks-history', query).filter(
        (row) => row.isl === Number(query.get('isl')) && row.osl === Number(query.get('osl')),
      );
    return lists.get(path.replace('/api/v1/', ''));
  };
}

/**
 * A handler of requests that answers as the API does, with an ETag.
 * @param {string} folder
 * @returns {import('node:http').RequestListener}
 */
export function publicApi(folder) {
  const answers = answersOf(folder);
  return (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const rows = answers(pathname, searchParams);
    const body = JSON.stringify(rows ?? { error: 'Unknown' });
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
    const isKnown = request.headers['if-none-match'] === etag;
    response.writeHead(rows === undefined ? 404 : isKnown ? 304 : 200, {
      'content-type': 'application/json',
      etag,
    });
    response.end(isKnown ? undefined : body);
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, port = '8090'] = process.argv.slice(2);
  if (folder === undefined) {
    process.stderr.write('usage: node scripts/serve-public-results.js FOLDER [PORT]\n');
    process.exit(2);
  }
  const server = createServer(publicApi(folder));
  server.listen(Number(port), '127.0.0.1', () =>
    process.stdout.write(`http://127.0.0.1:${server.address().port}\n`),
  );
}
