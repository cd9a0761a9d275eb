import {
  engineOfMetrics,
  metricsEnabledBy,
  metricsPaths,
  metricsPublishers,
  publisherOf,
} from '../engines/index.ts';
import { messageOf } from '../errors.ts';
import { type AskedServer, ask, shownServer } from '../load/index.ts';
import type { MetricsPlace, ReadableMetrics } from '../telemetry/index.ts';

/** Time limit for finding the metrics. */
const findWithinMs = 5_000;

/** A server whose metrics are to be found. */
export interface MeteredServer extends AskedServer {
  /**
   * Metrics URLs given by the user, one for every engine behind the server; undefined for the server's usual
   * ones.
   */
  readonly metricsUrls: readonly string[] | undefined;
}

/**
 * Finds a server's metrics and the engine whose names they use: at the user's URLs, or else where engines
 * publish them. If there are none, the result has the reason in words.
 */
export async function findMetrics(
  { metricsUrls, ...server }: MeteredServer,
  withinMs = findWithinMs,
): Promise<ReadableMetrics> {
  const untilMs = performance.now() + withinMs;
  if (metricsUrls !== undefined)
    return await recognised(
      metricsUrls.map((url) => placeOf(url, server)),
      withinMs,
    );
  const reasons: string[] = [];
  for (const path of metricsPaths) {
    const leftMs = Math.max(1, Math.ceil(untilMs - performance.now()));
    const found = await recognised([metricsPlace(server, path)], leftMs);
    if (found.state === 'found') return found;
    reasons.push(found.reason);
  }
  // The last path is the most common one.
  return { state: 'unavailable', reason: reasons.at(-1) ?? 'no engine publishes any' };
}

async function recognised(places: readonly MetricsPlace[], withinMs: number): Promise<ReadableMetrics> {
  try {
    const texts = await Promise.all(places.map(async ({ read }) => await read(withinMs)));
    const engine = engineOfMetrics(texts);
    if (engine !== undefined)
      return { state: 'found', engine: publisherOf(engine), metrics: { ...engine.metrics, places } };
    const where = places.map(({ url }) => url).join(', ');
    return { state: 'unavailable', reason: `${where} has no metrics of ${metricsPublishers.join(', ')}` };
  } catch (error) {
    return { state: 'unavailable', reason: messageOf(error) };
  }
}

/**
 * A metrics URL of the user; without a path it is `/metrics`. Headers for the server are sent to its origin
 * only.
 */
function placeOf(url: string, { insecure, headers, baseUrl }: AskedServer): MetricsPlace {
  const { origin, pathname } = URL.canParse(url) ? new URL(url) : { origin: url, pathname: url };
  const isSame = URL.canParse(baseUrl) && new URL(baseUrl).origin === origin;
  const own = { baseUrl: url, insecure: insecure ?? false, headers: isSame ? (headers ?? {}) : {} };
  return metricsPlace(own, pathname === '/' ? '/metrics' : '');
}

function metricsPlace(server: AskedServer, path: string): MetricsPlace {
  const url = `${shownServer(server.baseUrl)}${path}`;
  const asked = async (at: string, signal: AbortSignal) =>
    await ask(server, { path: at, signal }).catch((error: unknown) => {
      throw new Error(signal.aborted ? `${url} did not answer in time` : `${url}: ${messageOf(error)}`);
    });
  return {
    url,
    read: async (timeoutMs) => {
      const signal = AbortSignal.timeout(timeoutMs);
      const answer = await asked(path, signal);
      // Mounted applications redirect to their path with a slash.
      const { status, text } = isRedirect(answer.status) ? await asked(`${path}/`, signal) : answer;
      if (status === 200) return text;
      throw new Error(`${url} answers ${status}${whatToDo(status)}`);
    },
  };
}

function isRedirect(status: number): boolean {
  return [301, 302, 307, 308].includes(status);
}

function whatToDo(status: number): string {
  if (status === 401 || status === 403)
    return ': it needs credentials, as in --metrics-url http://USER:PASSWORD@HOST/metrics or --header';
  if (status === 404)
    return `: set --metrics-url if the metrics are elsewhere (${metricsEnabledBy.join(', ')})`;
  return '';
}
