import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as TlsAgent } from 'node:https';
import { defined } from '../../defined/defined.ts';
import { type BackendName, backends, type PriorReply, type PromptBody } from '../backends/index.ts';
import { nowMs } from '../clock.ts';
import { ordinaryTokenIds } from '../datasets/vocabulary.ts';
import { commonWords } from '../datasets/words.ts';
import { type AskedServer, tlsNameOf } from '../http/ask.ts';
import { certificateError, isRefused } from '../http/certificate.ts';
import { headersFor, mergeHeaders } from '../http/headers.ts';
import { parseServerUrl, requestTarget, type ServerUrl } from '../http/server-url.ts';
import { Random } from '../random.ts';
import { type AnswerEnd, type AnswerEvent, type ServerAnswer, showsOutput } from './answer.ts';
import { LineReader } from './line-reader.ts';

/** The server to check, and how to send requests to it. */
export interface ExamineeSettings extends AskedServer {
  readonly backend: BackendName;
  /** The request path, if it differs from the backend's default. */
  readonly endpoint?: string;
  readonly model: string;
}

/** How a request differs from the default one. */
export interface Ask {
  readonly prompt?: ConformancePrompt;
  /** Tokens requested. */
  readonly outputTokens?: number;
  readonly ignoreEos?: boolean;
  readonly perChunkUsage?: boolean;
  /** Body fields that override the backend's; undefined omits one. */
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Closes the connection after this many events with output. */
  readonly giveUpAfter?: number;
}

export interface ConformancePrompt {
  readonly kind: PromptBody['kind'];
  readonly value: unknown;
  /** The length by our own count, in ids or words. */
  readonly length: number;
}

const mostBodyCharacters = 8 * 1024 * 1024;
const shownCharacters = 400;

/** A server to be checked, with a persistent connection and prompts that it has never seen. */
export class Examinee {
  readonly settings: ExamineeSettings;
  readonly backend: (typeof backends)[BackendName];
  readonly #random: Random;
  readonly #agent: Agent;
  readonly #url: ServerUrl;

  /** The same seed draws the same prompts. Throws LoadError `bad-test` if the base URL is invalid. */
  constructor(settings: ExamineeSettings, seed: number) {
    this.settings = settings;
    this.backend = backends[settings.backend];
    this.#random = new Random(seed);
    this.#url = parseServerUrl(settings.baseUrl);
    this.#agent = new (this.#url.secure ? TlsAgent : Agent)({ keepAlive: true, maxSockets: 1 });
  }

  /** Whether it accepts prompts as token ids. */
  get takesTokenIds(): boolean {
    const kinds: readonly PromptBody['kind'][] = this.backend.prompts;
    return kinds.includes('token-ids');
  }

  /** A new text of `count` common words. */
  words(count: number): ConformancePrompt {
    const words = Array.from({ length: count }, () => this.#random.integer(0, commonWords.length - 1));
    return {
      kind: 'text',
      value: words.map((word) => ` ${commonWords[word] ?? ''}`).join(''),
      length: count,
    };
  }

  /** A new prompt of `count` token ids. */
  tokenIds(count: number): ConformancePrompt {
    const { low, high } = ordinaryTokenIds;
    const ids = Array.from({ length: count }, () => this.#random.integer(low, high));
    return { kind: 'token-ids', value: ids, length: count };
  }

  /** Posts a request and reads the whole response. Rejects if there is no connection or the signal is aborted. */
  async ask(ask: Ask, signal: AbortSignal): Promise<ServerAnswer> {
    const { prompt = this.words(16), outputTokens = 16, ignoreEos = true, perChunkUsage = false } = ask;
    const { before, after } = this.backend.envelope(prompt.kind, {
      model: this.settings.model,
      outputTokens,
      ignoreEos,
      sampling: {},
      perChunkUsage,
      extraBody: {},
    });
    const body: unknown = JSON.parse(before + JSON.stringify(prompt.value) + after);
    const fields = typeof body === 'object' ? body : null;
    const changed = { ...fields, ...ask.fields };
    return await this.#post(this.settings.endpoint ?? this.backend.path, JSON.stringify(changed), {
      signal,
      giveUpAfter: ask.giveUpAfter ?? Number.POSITIVE_INFINITY,
    });
  }

  /** The JSON that a path returns; undefined if there is none. */
  async look(path: string, body: object | undefined, signal: AbortSignal): Promise<unknown> {
    const { status, json } = await this.#post(path, body === undefined ? undefined : JSON.stringify(body), {
      signal,
      giveUpAfter: Number.POSITIVE_INFINITY,
    });
    return status === 200 ? json : undefined;
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(
    path: string,
    body: string | undefined,
    { signal, giveUpAfter }: { readonly signal: AbortSignal; readonly giveUpAfter: number },
  ): Promise<ServerAnswer> {
    const { insecure = false } = this.settings;
    const url = this.#url;
    const { promise, resolve, reject } = Promise.withResolvers<ServerAnswer>();
    const own = {
      Host: url.host,
      'Content-Type': 'application/json',
      Accept: 'text/event-stream',
      'Accept-Encoding': 'identity',
      ...defined({ 'Content-Length': body === undefined ? undefined : String(Buffer.byteLength(body)) }),
    };
    const options = {
      ...url.place,
      path: requestTarget(url, path),
      method: body === undefined ? 'GET' : 'POST',
      agent: this.#agent,
      ...defined({
        servername: url.secure && 'hostname' in url.place ? tlsNameOf(url.place.hostname) : undefined,
      }),
      headers: Object.fromEntries(mergeHeaders(own, headersFor(url, this.settings)).values()),
      signal,
      ...defined({ rejectUnauthorized: insecure ? false : undefined }),
    };
    const sentMs = nowMs();
    const asked = (url.secure ? httpsRequest : httpRequest)(options, (response) => {
      void this.#read(response, giveUpAfter).then(
        (read) => resolve({ ...read, sentMs, reusedConnection: asked.reusedSocket }),
        reject,
      );
    });
    asked.once('error', (error) => {
      const { socket } = asked;
      reject(
        socket !== null && isRefused(error, socket) ? certificateError(url.origin, error.message) : error,
      );
    });
    asked.end(body);
    return promise;
  }

  async #read(
    response: IncomingMessage,
    giveUpAfter: number,
  ): Promise<Omit<ServerAnswer, 'sentMs' | 'reusedConnection'>> {
    const lines = new LineReader();
    const events: AnswerEvent[] = [];
    const decoder = new TextDecoder();
    const prior = new Prior();
    let text = '';
    let end: AnswerEnd = 'cut-off';
    let shown = 0;
    try {
      for await (const bytes of response) {
        const piece = decoder.decode(bytes, { stream: true });
        if (text.length < mostBodyCharacters) text += piece;
        lines.push(piece, nowMs());
        shown += this.#take(lines, events, prior);
        if (shown >= giveUpAfter) {
          end = 'given-up';
          response.destroy();
          break;
        }
      }
      if (end !== 'given-up') end = 'whole';
    } catch (error) {
      // A lost connection is a finding; an expired deadline is not.
      if (error instanceof Error && error.name === 'AbortError') throw error;
    }
    lines.end(nowMs());
    this.#take(lines, events, prior);
    return {
      status: response.statusCode ?? 0,
      headers: Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
      ),
      events,
      comments: lines.comments,
      start: text.slice(0, shownCharacters),
      json: parsed(text),
      end,
      endMs: nowMs(),
    };
  }

  /** Moves what was read to the events; returns how many of them show output. */
  #take(lines: LineReader, events: AnswerEvent[], prior: Prior): number {
    let shown = 0;
    for (const { name, data, atMs } of lines.events.splice(0)) {
      const json = parsed(data);
      const reading =
        typeof json === 'object' && json !== null ? this.backend.read(json, prior, name) : undefined;
      const event = { name, data, json, reading, atMs };
      events.push(event);
      prior.add(event);
      if (showsOutput(event)) shown++;
    }
    return shown;
  }
}

/** What previous events contained, for servers that repeat it. */
class Prior implements PriorReply {
  readonly #answers = new Map<number, string>();
  completionTokens = 0;

  answer(choice: number): string {
    return this.#answers.get(choice) ?? '';
  }

  add({ reading }: AnswerEvent): void {
    for (const { index, answer } of reading?.choices ?? []) {
      this.#answers.set(index, this.answer(index) + answer);
    }
    this.completionTokens = reading?.counts?.completionTokens ?? this.completionTokens;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
