import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import type { Store } from '../store/index.ts';
import { datasetOf } from './dataset.ts';

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The HTTP API over a store, and the built dashboard beside it. */
export function createApp(store: Store, webFolder: string): Hono {
  const app = new Hono();
  app.use('/api/*', etag());
  app.get('/api/v1/dataset', async (context) => {
    const sweepId = context.req.query('sweep');
    return context.json(await datasetOf(store, sweepId === undefined ? {} : { sweepId }));
  });
  app.get('/api/*', (context) => context.json({ error: `no ${context.req.path} in this API` }, 404));
  app.get('*', async (context) => {
    const path = context.req.path === '/' ? 'index.html' : normalize(context.req.path).replace(/^\/+/, '');
    const type = contentTypes[extname(path)];
    const content = path.startsWith('..')
      ? undefined
      : await readFile(join(webFolder, path)).catch(() => undefined);
    if (content === undefined || type === undefined) return context.text(`no page ${context.req.path}`, 404);
    return context.body(content, 200, { 'content-type': type });
  });
  app.onError((error, context) => {
    process.stderr.write(`${context.req.method} ${context.req.path}: ${error.message}\n`);
    return context.json({ error: 'the server failed to answer; its log says why' }, 500);
  });
  return app;
}
