import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type Context, Hono } from 'hono';
import { routePath } from 'hono/route';
import { secureHeaders } from 'hono/secure-headers';
import { BodyCache } from './body-cache.ts';
import { DocumentCache } from './document-cache.ts';
import { answer } from './http/answer.ts';
import { AtOnce, TooMuchAtOnce } from './http/at-once.ts';
import { clientAddress } from './http/client-address.ts';
import { EncodedBody } from './http/encoding.ts';
import { sitePolicy } from './http/page-policy.ts';
import { problem } from './http/problem.ts';
import { type RateLimit, RateLimiter } from './http/rate-limit.ts';
import type { StaticFile } from './http/static-files.ts';
import { type IngestRouteOptions, ingestRoute } from './ingest-route.ts';
import type { Knowledge } from './knowledge.ts';
import { ServerMetrics } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { type ApiQuestion, BadQuestion, NotFound } from './question.ts';
import { questions } from './questions/index.ts';
import { openTrace, tracePath } from './traces.ts';

export interface AppOptions {
  readonly knowledge: Knowledge;
  /** Files of the built dashboard by path. */
  readonly files: ReadonlyMap<string, StaticFile>;
  /** Whether a Host header names this server. */
  readonly allowsHost: (host: string | undefined) => boolean;
  /** Number of our own proxies in front, each of which appends its client to X-Forwarded-For; default 0. */
  readonly proxies?: number;
  readonly readLimit: RateLimit;
  readonly writeLimit: RateLimit;
  /** Absent on a read-only server. */
  readonly writing?: Pick<IngestRouteOptions, 'tokens' | 'ingest' | 'maxBytes'>;
  /** Called for internal errors of the server. */
  readonly onError: (request: string, error: Error) => void;
}

/**
 * The app that serves the HTTP API over a store, the documents of the dashboard, and the dashboard itself.
 */
export function createApp(options: AppOptions): Hono {
  const { knowledge, files } = options;
  const clientOf = (context: Context): string => clientAddress(context, options.proxies ?? 0);
  const app = new Hono();
  const metrics = new ServerMetrics(knowledge.store);
  const reading = new RateLimiter(options.readLimit);

  app.use(async (context, next) => {
    const startMs = performance.now();
    await next();
    const seconds = (performance.now() - startMs) / 1000;
    metrics.answered(context.req.method, routePath(context), context.res.status, seconds);
  });
  app.use(secureHeaders(headers));
  app.use(async (context, next) => {
    if (!options.allowsHost(context.req.header('host')))
      return problem(421, 'this server does not have that host name; add it with --host-name');
    const waitS = reading.take(clientOf(context));
    if (waitS === undefined) return await next();
    return problem(429, 'too many requests', { headers: { 'retry-after': String(Math.ceil(waitS)) } });
  });

  app.get('/healthz', async (context) => {
    await knowledge.store.version();
    return context.text('ok\n', 200, { 'cache-control': 'no-store' });
  });
  app.get('/metrics', async (context) =>
    context.body(await metrics.text(), 200, {
      'content-type': metrics.contentType,
      'cache-control': 'no-store',
    }),
  );
  const openApi = new EncodedBody(JSON.stringify(openApiDocument(knowledge.productVersion)));
  app.get('/api/v1/openapi.json', async (context) => await answer(context, openApi, json));
  const answers = new BodyCache<EncodedBody>(async () => await knowledge.store.version());
  const making = new AtOnce(mostAnswersAtOnce);
  const bodyOf = async (question: ApiQuestion, given: Readonly<Record<string, string>>) => {
    const make = async () => new EncodedBody(JSON.stringify(await question.ask(knowledge, given)));
    if (question.takesLong === undefined) return await make();
    const name = JSON.stringify([question.name, Object.entries(given).toSorted()]);
    return await answers.get(name, async () => await making.do(make));
  };
  for (const question of questions) {
    app.get(
      `/api/v1${question.path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      async (context) => await ask(context, async (given) => await bodyOf(question, given)),
    );
  }
  app.get(tracePath.replaceAll(/\{(\w+)\}/g, ':$1'), async (context) => {
    const { id = '', name = '' }: Readonly<Record<string, string>> = context.req.param();
    const trace = await openTrace(knowledge, id, name);
    if (trace === undefined) return problem(404, 'there is no such trace on this server');
    return await download(trace, name, context.req.method !== 'HEAD');
  });
  const documents = new DocumentCache(knowledge);
  app.get('/data/*', async (context) => {
    const path = /^\/data\/(.+)\.json$/.exec(context.req.path)?.[1];
    const body = path === undefined ? undefined : await documents.get(decoded(path));
    return body === undefined ? problem(404, 'there is no such document') : await answer(context, body, json);
  });
  if (options.writing !== undefined) {
    const limiter = new RateLimiter(options.writeLimit);
    app.post('/api/v1/ingest', ingestRoute({ ...options.writing, limiter, clientOf }));
    app.all('/api/v1/ingest', () =>
      problem(405, 'upload archives here with POST', { headers: { allow: 'POST' } }),
    );
  }
  app.all('/api/*', (context) => {
    if (context.req.method === 'GET') return problem(404, `there is no ${context.req.path} in this API`);
    return problem(405, 'method not allowed', { headers: { allow: 'GET, HEAD' } });
  });
  app.get('*', async (context) => {
    const file = files.get(context.req.path.replace(/\/$/, '/index.html'));
    if (file === undefined) return problem(404, 'there is no such page');
    return await answer(context, file.body, file.headers);
  });
  app.notFound(() => problem(405, 'method not allowed', { headers: { allow: 'GET, HEAD' } }));
  app.onError((error, context) => {
    options.onError(`${context.req.method} ${context.req.path}`, error);
    return problem(500, 'the server failed to answer; see its log');
  });
  return app;
}

/** Sends a file as a download, or only its headers, and closes it. */
async function download(file: FileHandle, name: string, hasBody: boolean): Promise<Response> {
  const { size } = await file.stat();
  const headers = {
    'content-type': 'application/octet-stream',
    'content-length': String(size),
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
    'cache-control': 'no-cache',
  };
  if (hasBody) return new Response(Readable.toWeb(file.createReadStream()), { headers });
  await file.close();
  return new Response(null, { headers });
}

/** Limits on answers that take a long time, because a single thread serves everything else in between. */
const mostAnswersAtOnce = { running: 2, waiting: 16 };

const json = { 'content-type': 'application/json' };

/** A page may not load anything from elsewhere, and no other site may embed it. */
const headers = {
  contentSecurityPolicy: sitePolicy,
  referrerPolicy: 'no-referrer',
  xFrameOptions: 'DENY',
  // The connection may be plain HTTP; only a proxy in front knows.
  strictTransportSecurity: false,
};

async function ask(
  context: Context,
  bodyOf: (given: Readonly<Record<string, string>>) => Promise<EncodedBody>,
): Promise<Response> {
  const query = context.req.queries();
  const repeated = Object.entries(query).filter(([, values]) => values.length > 1);
  if (repeated.length > 0) {
    return problem(400, 'a parameter is given more than once', {
      problems: repeated.map(([parameter]) => ({ parameter, message: 'give it once' })),
    });
  }
  const given = Object.fromEntries(Object.entries(query).map(([name, [value = '']]) => [name, value]));
  try {
    return await answer(context, await bodyOf({ ...given, ...context.req.param() }), json);
  } catch (error) {
    if (error instanceof NotFound) return problem(404, error.message);
    if (error instanceof BadQuestion)
      return problem(400, error.message, { problems: error.problems.map((one) => ({ ...one })) });
    if (error instanceof TooMuchAtOnce)
      return problem(503, 'too many expensive requests at once', { headers: { 'retry-after': '1' } });
    throw error;
  }
}

function decoded(path: string): string {
  try {
    const plain = decodeURIComponent(path);
    // No name contains U+0000, and PostgreSQL fails if asked for one.
    return plain.includes('\0') ? '' : plain;
  } catch {
    return '';
  }
}
