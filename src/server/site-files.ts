import { docsPages } from './docs-site.ts';
import { EncodedBody } from './http/encoding.ts';
import { type StaticFile, staticFiles } from './http/static-files.ts';

/** All files of the site except data, by path: the built dashboard, and the documentation under `/docs/`. */
export async function siteFiles(webFolder: string): Promise<ReadonlyMap<string, StaticFile>> {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' };
  const docs = (await docsPages()).map(
    ({ file, html }) => [`/docs/${file}`, { body: new EncodedBody(html), headers }] as const,
  );
  return new Map([...(await staticFiles(webFolder)), ...docs]);
}
