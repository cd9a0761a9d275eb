import type { Backend, EnvelopeSettings, PromptBody } from './backends/index.ts';
import type { Prompt } from './datasets/index.ts';
import { headersFor, mergeHeaders } from './http/headers.ts';
import { parseServerUrl, requestTarget } from './http/server-url.ts';
import type { LoadTest, UrlAssignment } from './load-test.ts';
import { Random } from './random.ts';
import type { ReadyRequest } from './ready-queue.ts';
import type { HeaderField, RequestFramer, RequestHead } from './transports/transport.ts';

/** How a test's requests are rendered. */
export interface RequestSettings extends Omit<EnvelopeSettings, 'outputTokens'> {
  readonly backend: Backend;
  /** Produces the bytes before a request's body, for each server. */
  readonly frames: readonly RequestFramer[];
  /** Which of several servers a request goes to. */
  readonly urlAssignment?: UrlAssignment;
  /** The header that has the number of a request's conversation. */
  readonly sessionHeader?: { readonly name: string; readonly prefix: string };
  /** Prefix of `x-request-id`, followed by the request's number; without it, no id is sent. */
  readonly requestIdPrefix?: string;
  /** The model of each request, if the test uses several. */
  readonly modelOf?: (index: number) => string;
}

/** Which request of a test is rendered. */
export interface RequestNumber {
  readonly index: number;
  /** The number of its conversation; a request that belongs to none has its own. */
  readonly session: number;
  readonly phase: 'warmup' | 'measured';
}

const ourHeaders = {
  'Content-Type': 'application/json',
  Accept: 'text/event-stream',
  'Accept-Encoding': 'identity',
};

/** The head shared by all requests of a test. Each header occurs once; the user's override ours. */
export function requestHead(
  test: Pick<LoadTest, 'baseUrl' | 'headers' | 'endpoint'>,
  { path, headers: ofBackend = {} }: Pick<Backend, 'path' | 'headers'>,
): RequestHead {
  const url = parseServerUrl(test.baseUrl);
  const headers = mergeHeaders({ Host: url.host, ...ourHeaders }, ofBackend, headersFor(url, test));
  return { target: requestTarget(url, test.endpoint ?? path), headers: [...headers.values()] };
}

/** Assigns one of several models to each request; the same seed gives the same assignment. */
export function modelPicker(
  { models, shares = models.map(() => 1), assignment }: NonNullable<LoadTest['models']>,
  seed: number,
) {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const drawn = (index: number): number => {
    let left = new Random(seed ^ index).unit() * total;
    const place = shares.findIndex((share) => {
      left -= share;
      return left < 0;
    });
    return place === -1 ? shares.findLastIndex((share) => share > 0) : place;
  };
  return (index: number): string => {
    const model = models[assignment === 'round-robin' ? index % models.length : drawn(index)];
    if (model === undefined) throw new Error('a test with several models has an empty list');
    return model;
  };
}

const noHeaders: readonly HeaderField[] = [];

/** Renders a prompt as the bytes of a whole request. Requests without a number are not part of the measurement. */
export function renderRequest(
  settings: RequestSettings,
  prompt: Prompt,
  number?: RequestNumber,
): ReadyRequest {
  const { modelOf } = settings;
  const { body, inputTokens, estimatedInputTokens, outputTokens, extraBody } = prompt;
  const ofTest = modelOf === undefined || number === undefined ? settings.model : modelOf(number.index);
  const model = prompt.model ?? ofTest;
  const { before, after } =
    extraBody === undefined
      ? knownEnvelope(settings, body.kind, model, outputTokens)
      : envelopeOf(withFields(settings, extraBody), body.kind, model, outputTokens);
  const length = before.length + body.json.length + after.length;
  const ids = number === undefined ? noHeaders : headersOf(settings, number);
  const more = prompt.headers === undefined ? ids : [...ids, ...prompt.headers];
  const server = number === undefined ? 0 : serverOf(settings, number);
  const frame = settings.frames[server];
  if (frame === undefined) throw new Error('a test without a server cannot send');
  const head = frame(length, more);
  const bytes = Buffer.allocUnsafe(head.length + length);
  bytes.set(head);
  bytes.set(before, head.length);
  bytes.set(body.json, head.length + before.length);
  bytes.set(after, bytes.length - after.length);
  return { bytes, inputTokens, estimatedInputTokens, outputTokens, inputs: prompt.inputs, server };
}

/** The headers of one request. */
function headersOf(
  { requestIdPrefix, sessionHeader }: RequestSettings,
  number: RequestNumber,
): readonly HeaderField[] {
  if (requestIdPrefix === undefined && sessionHeader === undefined) return noHeaders;
  const headers: HeaderField[] = [];
  if (requestIdPrefix !== undefined) headers.push(['x-request-id', `${requestIdPrefix}${idOf(number)}`]);
  if (sessionHeader !== undefined) {
    const session = idOf({ ...number, index: number.session });
    headers.push([sessionHeader.name, `${sessionHeader.prefix}${session}`]);
  }
  return headers;
}

function serverOf({ frames, urlAssignment }: RequestSettings, { index, session }: RequestNumber): number {
  return (urlAssignment === 'round-robin' ? index : session) % frames.length;
}

/** The bytes around a request's prompt. */
interface Envelope {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** Most envelopes cached per test: one for each requested length and model. */
const mostEnvelopes = 8192;

/** The envelopes of a test by kind of prompt, model and requested length. */
class Envelopes {
  readonly #byKind = new Map<PromptBody['kind'], Map<string, Map<number, Envelope>>>();
  #count = 0;

  of(settings: RequestSettings, kind: PromptBody['kind'], model: string, outputTokens: number): Envelope {
    const known = this.#byKind.get(kind)?.get(model)?.get(outputTokens);
    if (known !== undefined) return known;
    const envelope = envelopeOf(settings, kind, model, outputTokens);
    if (this.#count++ < mostEnvelopes) this.#keep(envelope, kind, model, outputTokens);
    return envelope;
  }

  #keep(envelope: Envelope, kind: PromptBody['kind'], model: string, outputTokens: number): void {
    const byModel = this.#byKind.get(kind) ?? new Map<string, Map<number, Envelope>>();
    const byLength = byModel.get(model) ?? new Map<number, Envelope>();
    this.#byKind.set(kind, byModel.set(model, byLength.set(outputTokens, envelope)));
  }
}

const envelopes = new WeakMap<RequestSettings, Envelopes>();

/** Settings with the fields of one request; those of all requests override them. */
function withFields(settings: RequestSettings, fields: Readonly<Record<string, unknown>>): RequestSettings {
  return { ...settings, extraBody: { ...fields, ...settings.extraBody } };
}

function envelopeOf(
  settings: RequestSettings,
  kind: PromptBody['kind'],
  model: string,
  outputTokens: number,
): Envelope {
  const { before, after } = settings.backend.envelope(kind, { ...settings, model, outputTokens });
  return { before: Buffer.from(before), after: Buffer.from(after) };
}

/** The cached envelope of a request; most requests of a test share a few. */
function knownEnvelope(
  settings: RequestSettings,
  kind: PromptBody['kind'],
  model: string,
  outputTokens: number,
): Envelope {
  const ofTest = envelopes.get(settings) ?? new Envelopes();
  envelopes.set(settings, ofTest);
  return ofTest.of(settings, kind, model, outputTokens);
}

function idOf({ phase, index }: RequestNumber): string {
  return phase === 'warmup' ? `warmup-${index}` : String(index);
}
