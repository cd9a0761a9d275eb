import type { Backend, EnvelopeSettings, PromptBody } from './backends/index.ts';
import type { Prompt } from './datasets/index.ts';
import { headersFor, mergeHeaders } from './http/headers.ts';
import { parseServerUrl, requestTarget } from './http/server-url.ts';
import type { LoadTest } from './load-test.ts';
import { Random } from './random.ts';
import type { ReadyRequest } from './ready-queue.ts';
import type { HeaderField, RequestFramer, RequestHead } from './transports/transport.ts';

/** How the requests of a test are written. */
export interface RequestSettings extends Omit<EnvelopeSettings, 'outputTokens'> {
  readonly backend: Backend;
  /** Makes what goes before the body of a request. */
  readonly frame: RequestFramer;
  /** What comes before a request's number in its `x-request-id`; without one it has none. */
  readonly requestIdPrefix?: string;
  /** The model of each request, for a test that has several. */
  readonly modelOf?: (index: number) => string;
}

/** Which request of a test is written. */
export interface RequestNumber {
  readonly index: number;
  readonly phase: 'warmup' | 'measured';
}

const ourHeaders = {
  'Content-Type': 'application/json',
  Accept: 'text/event-stream',
  'Accept-Encoding': 'identity',
};

/** The head of every request of a test: one of each header, those of the user over ours. */
export function requestHead(
  test: Pick<LoadTest, 'baseUrl' | 'headers' | 'endpoint'>,
  { path, headers: ofBackend = {} }: Pick<Backend, 'path' | 'headers'>,
): RequestHead {
  const url = parseServerUrl(test.baseUrl);
  const headers = mergeHeaders({ Host: url.host, ...ourHeaders }, ofBackend, headersFor(url, test));
  return { target: requestTarget(url, test.endpoint ?? path), headers: [...headers.values()] };
}

/** Gives each request of a test one of several models, the same for the same seed. */
export function modelPicker({ models, assignment }: NonNullable<LoadTest['models']>, seed: number) {
  return (index: number): string => {
    const place =
      assignment === 'round-robin'
        ? index % models.length
        : new Random(seed ^ index).integer(0, models.length - 1);
    const model = models[place];
    if (model === undefined) throw new Error('a test of several models has none');
    return model;
  };
}

const noHeaders: readonly HeaderField[] = [];

/** A prompt as the bytes of a whole request; without a number it is one beside those that are measured. */
export function renderRequest(
  settings: RequestSettings,
  prompt: Prompt,
  number?: RequestNumber,
): ReadyRequest {
  const { frame, requestIdPrefix, modelOf } = settings;
  const { body, inputTokens, estimatedInputTokens, outputTokens } = prompt;
  const model = modelOf === undefined || number === undefined ? settings.model : modelOf(number.index);
  const { before, after } = envelopeOf(settings, body.kind, model, outputTokens);
  const length = before.length + body.json.length + after.length;
  const more: readonly HeaderField[] =
    requestIdPrefix === undefined || number === undefined
      ? noHeaders
      : [['x-request-id', `${requestIdPrefix}${idOf(number)}`]];
  return {
    bytes: Buffer.concat([frame(length, more), before, body.json, after]),
    inputTokens,
    estimatedInputTokens,
    outputTokens,
  };
}

/** What is around the prompt of a request, as bytes. */
interface Envelope {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** So many envelopes of a test are kept: one for each length that is asked for, of each model. */
const mostEnvelopes = 8192;
const envelopes = new WeakMap<RequestSettings, Map<string, Envelope>>();

/** The envelope of a request; most requests of a test have the same few. */
function envelopeOf(
  settings: RequestSettings,
  kind: PromptBody['kind'],
  model: string,
  outputTokens: number,
): Envelope {
  const made = envelopes.get(settings) ?? new Map<string, Envelope>();
  envelopes.set(settings, made);
  const key = `${kind} ${outputTokens} ${model}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const { before, after } = settings.backend.envelope(kind, { ...settings, model, outputTokens });
  const envelope = { before: Buffer.from(before), after: Buffer.from(after) };
  if (made.size < mostEnvelopes) made.set(key, envelope);
  return envelope;
}

function idOf({ phase, index }: RequestNumber): string {
  return phase === 'warmup' ? `warmup-${index}` : String(index);
}
