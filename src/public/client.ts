import { setTimeout as delay } from 'node:timers/promises';
import { backOffS } from '../back-off.ts';
import { bodyWithin, TooLong } from '../bounded-read.ts';
import { messageOf, WorkError } from '../errors.ts';
import { retryAfterSeconds } from '../load/http/retry-after.ts';
import { AnswerCache, type KeptAnswer } from './answer-cache.ts';
import { isTemporary, TryAgain } from './retry.ts';

export interface ClientOptions {
  /** The API's address, without `/api/v1`. */
  readonly address: string;
  /** The folder for cached answers. */
  readonly cacheFolder: string;
  /** Ask again even if the cached answer is fresh. */
  readonly refresh?: boolean;
  /** Called before each wait. */
  readonly onRetry?: (why: string, waitMs: number) => void;
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly now?: () => number;
}

/** The API answered 400 or 404: it does not have what was asked for. */
export class NoSuchThing extends WorkError {
  override readonly name = 'NoSuchThing';
}

const checkAddress = "check the URL: it is the site's, without /api/v1; set another with `--address`";

/** Maximum attempts per request. */
const mostTries = 6;
/** Pauses between attempts, unless the server sends `Retry-After`. */
const pauses = { firstS: 1, longestS: 60 };
/** If the server asks for a longer pause than this, the pull ends. */
const longestPauseMs = 10 * 60_000;
/** Timeout of one attempt, from the request to the last byte of the answer. */
const tryTimeoutMs = 120_000;
/** Maximum size of an answer in bytes; the public project's whole history is some MB. */
const longestAnswer = 256 * 1024 * 1024;
/**
 * Younger answers are taken from the cache without a request, so an interrupted pull continues where it
 * stopped.
 */
const freshForMs = 10 * 60_000;

/** A client of the public project's API, whose answers are lists of rows. */
export class ApiClient {
  readonly #options: ClientOptions;
  readonly #cache: AnswerCache;
  /** How many answers were fetched, were unchanged (304), and came from the cache. */
  readonly counts = { fetched: 0, unchanged: 0, fromCache: 0 };

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#cache = new AnswerCache(options.cacheFolder);
  }

  /**
   * Reads all pages of a list. Throws NoSuchThing if the API does not have it, and WorkError if the API
   * cannot be reached or does not answer with a list.
   */
  async rows(path: string, query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<unknown[]> {
    const first = new URL(`${this.#options.address.replace(/\/+$/, '')}/api/v1/${path}`);
    for (const [name, value] of Object.entries(query)) first.searchParams.set(name, value);
    const rows: unknown[] = [];
    const asked = new Set<string>();
    for (let url: string | null = first.href; url !== null; ) {
      if (asked.has(url))
        throw new WorkError(`${url} names itself as its next page`, { code: 'remote-failed' });
      asked.add(url);
      const answer: KeptAnswer = await this.#answer(url, signal);
      rows.push(...listIn(answer));
      url = answer.next;
    }
    return rows;
  }

  async #answer(url: string, signal: AbortSignal): Promise<KeptAnswer> {
    const { refresh = false, now = Date.now } = this.#options;
    const kept = await this.#cache.get(url);
    if (kept !== undefined && !refresh && now() - kept.at < freshForMs) {
      this.counts.fromCache += 1;
      return kept;
    }
    const answer = await this.#untilAnswered(url, kept, signal);
    await this.#cache.put(answer);
    return answer;
  }

  async #untilAnswered(url: string, kept: KeptAnswer | undefined, signal: AbortSignal): Promise<KeptAnswer> {
    const { wait = pause, onRetry } = this.#options;
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.#ask(url, kept, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof TryAgain)) throw error;
        const waitMs = error.afterMs ?? 1000 * backOffS(pauses, attempt + 1, Math.random());
        if (attempt + 1 >= mostTries || waitMs > longestPauseMs) throw givenUp(error, attempt + 1, waitMs);
        onRetry?.(error.message, waitMs);
        await wait(waitMs, signal);
      }
    }
  }

  async #ask(url: string, kept: KeptAnswer | undefined, signal: AbortSignal): Promise<KeptAnswer> {
    const { now = Date.now } = this.#options;
    const headers = new Headers({ accept: 'application/json' });
    if (kept?.etag != null) headers.set('if-none-match', kept.etag);
    if (kept?.lastModified != null) headers.set('if-modified-since', kept.lastModified);
    const limited = AbortSignal.any([signal, AbortSignal.timeout(tryTimeoutMs)]);
    const orAgain = (error: unknown): never => {
      throw new TryAgain(`${url}: ${reasonOf(error)}`);
    };
    const response = await fetch(url, { signal: limited, headers }).catch(orAgain);
    if (response.status === 304 && kept !== undefined) {
      this.counts.unchanged += 1;
      return { ...kept, at: now() };
    }
    const body = await bodyWithin(response, longestAnswer).catch((error: unknown) => {
      if (error instanceof TooLong)
        throw new WorkError(`the answer of ${url} ${error.message}`, { code: 'remote-failed' });
      return orAgain(error);
    });
    if (isTemporary(response.status)) {
      const afterS = retryAfterSeconds(response.headers, now());
      throw new TryAgain(
        `${url} answers ${response.status}`,
        afterS === undefined ? undefined : 1000 * afterS,
      );
    }
    if (response.status === 400 || response.status === 404)
      throw new NoSuchThing(`${url} answers ${response.status}`, { hint: checkAddress });
    if (!response.ok)
      throw new WorkError(`${url} answers ${response.status}`, { code: 'remote-failed', hint: checkAddress });
    requireWhole(url, body);
    this.counts.fetched += 1;
    return {
      url,
      at: now(),
      body,
      next: nextPage(url, response.headers.get('link')),
      etag: response.headers.get('etag'),
      lastModified: response.headers.get('last-modified'),
    };
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal });
}

/** Throws TryAgain if the JSON is truncated, and WorkError if the body is not JSON. */
function requireWhole(url: string, body: string): void {
  try {
    JSON.parse(body);
  } catch {
    if (/^\s*[[{]/.test(body) || body.trim() === '') throw new TryAgain(`${url}: the answer is truncated`);
    throw new WorkError(`${url} does not answer with JSON`, { code: 'remote-failed', hint: checkAddress });
  }
}

function listIn({ url, body }: KeptAnswer): unknown[] {
  const value: unknown = JSON.parse(body);
  if (Array.isArray(value)) return value;
  throw new WorkError(`${url} does not answer with a list of rows: the API has changed`, {
    code: 'remote-failed',
    hint: 'update InferenceMAX; the last pull is still in the store',
  });
}

/** The URL of the next page in a `Link` header (RFC 8288), or null; only URLs of the same server count. */
export function nextPage(url: string, link: string | null): string | null {
  for (const [, target = '', parameters = ''] of (link ?? '').matchAll(/<([^>]*)>([^,]*)/g)) {
    if (!/;\s*rel="?(?:[^"]*\s)?next(?:\s[^"]*)?"?(?:;|\s|$)/.test(parameters)) continue;
    const next = new URL(target, url);
    return next.origin === new URL(url).origin ? next.href : null;
  }
  return null;
}

function reasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `no answer within ${tryTimeoutMs / 1000} s`;
  return messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
}

function givenUp(error: TryAgain, tries: number, waitMs: number): WorkError {
  const later =
    waitMs > longestPauseMs ? ` and asks for a pause of ${Math.ceil(waitMs / 60_000)} minutes` : '';
  return new WorkError(`${error.message}${later}, after ${tries} ${tries === 1 ? 'try' : 'tries'}`, {
    code: 'remote-failed',
    cause: error,
    hint: 'run the command again later; fetched data is kept',
  });
}
