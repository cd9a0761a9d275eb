import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { z } from 'zod';
import { defined } from '../defined/defined.ts';
import { messageOf } from '../errors.ts';
import { reasonFor } from '../schema-words.ts';
import type { LlamaEmbeddingContext, Token } from './binding.ts';
import { type Generation, type GenerationEvent, type GeneratorParts, generate } from './generator.ts';
import { metricsText } from './metrics.ts';
import {
  chatRequest,
  completionRequest,
  detokenizeRequest,
  embeddingRequest,
  tokenizeRequest,
} from './requests.ts';
import { type AnswerFormat, chatFormat, completionFormat, usage } from './responses.ts';
import { untilStop } from './stop-texts.ts';

/** Larger bodies are rejected. */
const maxBodyBytes = 64 * 1024 * 1024;

/** A request that cannot be served, with the message and status for the client. */
class RequestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The loaded model and what the HTTP layer needs to know about it. */
export interface Service extends GeneratorParts {
  readonly servedModelName: string;
  /** Tokens that fit into a sequence, prompt and answer together. */
  readonly contextTokens: number;
  readonly vocabularySize: number;
  readonly embeddings: () => Promise<LlamaEmbeddingContext>;
  /** Renders a conversation with the model's own chat template. */
  readonly renderChat: (messages: readonly { readonly role: string; readonly content: string }[]) => string;
}

interface SamplingFields {
  readonly stop: readonly string[];
  readonly ignore_eos: boolean;
  readonly temperature: number;
  readonly top_k?: number | undefined;
  readonly top_p?: number | undefined;
  readonly seed?: number | undefined;
  readonly stream: boolean;
  readonly stream_options?: { readonly include_usage: boolean } | null | undefined;
}

/**
 * The OpenAI-compatible server. Until the model is loaded, `service` returns undefined and /health responds with 503.
 */
export function createEngineServer(service: () => Service | undefined): Server {
  return createServer((request, response) => {
    response.socket?.setNoDelay(true);
    route(request, response, service()).catch((error: unknown) => {
      const status = error instanceof RequestError ? error.status : 500;
      if (response.headersSent) response.destroy();
      else sendJson(response, status, errorBody(status, messageOf(error)));
    });
  });
}

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  service: Service | undefined,
): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://engine').pathname;
  if (service === undefined) throw new RequestError(503, 'the model is still loading');
  switch (`${request.method} ${path}`) {
    case 'GET /health':
      return sendJson(response, 200, { status: 'ok' });
    case 'GET /v1/models':
      return sendJson(response, 200, {
        object: 'list',
        data: [
          {
            id: service.servedModelName,
            object: 'model',
            created: 0,
            owned_by: 'inferencemax',
            max_model_len: service.contextTokens,
          },
        ],
      });
    case 'GET /metrics':
      response.setHeader('content-type', 'text/plain; version=0.0.4');
      response.end(metricsText(service.metrics, service.slots) + service.latencies.text());
      return;
    case 'POST /tokenize': {
      const { content, prompt, add_special } = await readBody(request, tokenizeRequest);
      const tokens = service.model.tokenize(content ?? prompt ?? '', add_special);
      return sendJson(response, 200, { tokens, count: tokens.length, max_model_len: service.contextTokens });
    }
    case 'POST /detokenize': {
      const { tokens } = await readBody(request, detokenizeRequest);
      const content = service.model.detokenize(checkTokens(tokens, service));
      return sendJson(response, 200, { content, prompt: content });
    }
    case 'POST /v1/embeddings': {
      const { input } = await readBody(request, embeddingRequest);
      return sendJson(response, 200, await embeddingsOf(input, service));
    }
    case 'POST /v1/completions': {
      const body = await readBody(request, completionRequest);
      const generation = generationOf(body, promptTokens(body.prompt, service), body.max_tokens, service);
      return await answer(
        response,
        body,
        generation,
        completionFormat(service.servedModelName, nowS()),
        service,
      );
    }
    case 'POST /v1/chat/completions': {
      const body = await readBody(request, chatRequest);
      const prompt = service.model.tokenize(service.renderChat(body.messages), true);
      const maxTokens =
        body.max_completion_tokens ?? body.max_tokens ?? service.contextTokens - prompt.length;
      const generation = generationOf(body, prompt, maxTokens, service);
      return await answer(response, body, generation, chatFormat(service.servedModelName, nowS()), service);
    }
    default:
      throw new RequestError(404, `unknown endpoint ${request.method} ${path}`);
  }
}

async function embeddingsOf(
  inputs: readonly (string | readonly Token[])[],
  service: Service,
): Promise<object> {
  const { contextTokens, servedModelName } = service;
  const context = await service.embeddings();
  const prompts = inputs.map((input) => [...promptTokens(input, service)]);
  const lengths = prompts.map((prompt) => context.calculateInputLength(prompt));
  const tooLong = lengths.find((length) => length > contextTokens);
  if (tooLong !== undefined) {
    throw new RequestError(400, `${tooLong} tokens do not fit the context of ${contextTokens} tokens`);
  }
  const data: object[] = [];
  for (const [index, prompt] of prompts.entries()) {
    const { vector } = await context.getEmbeddingFor(prompt);
    data.push({ object: 'embedding', index, embedding: vector });
  }
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  return {
    object: 'list',
    model: servedModelName,
    data,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function generationOf(
  body: SamplingFields,
  prompt: readonly Token[],
  maxTokens: number,
  { contextTokens }: Service,
): Generation {
  if (maxTokens < 1 || prompt.length + maxTokens > contextTokens) {
    throw new RequestError(
      400,
      `${prompt.length} prompt tokens and ${maxTokens} to generate do not fit the context of ${contextTokens} tokens`,
    );
  }
  return {
    prompt,
    maxTokens,
    ignoreEos: body.ignore_eos,
    temperature: body.temperature,
    ...defined({ topK: body.top_k, topP: body.top_p, seed: body.seed }),
  };
}

function promptTokens(
  prompt: string | readonly (string | number | readonly number[])[],
  service: Service,
): readonly Token[] {
  if (typeof prompt === 'string') return service.model.tokenize(prompt, true);
  const [first] = prompt;
  if (typeof first === 'string') return service.model.tokenize(first, true);
  return checkTokens(
    typeof first === 'object' ? first : prompt.filter((item) => typeof item === 'number'),
    service,
  );
}

function checkTokens(tokens: readonly Token[], { vocabularySize }: Service): readonly Token[] {
  const outside = tokens.find((token) => token >= vocabularySize);
  if (outside !== undefined) {
    throw new RequestError(400, `token ${outside} is not in the vocabulary of ${vocabularySize} tokens`);
  }
  return tokens;
}

/** Generates and sends the answer, in one piece or as server-sent events with one event per token. */
async function answer(
  response: ServerResponse,
  body: SamplingFields,
  generation: Generation,
  format: AnswerFormat,
  service: Service,
): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const generated = generate(generation, service, gone.signal);
  const events = body.stop.length > 0 ? untilStop(generated, body.stop) : generated;
  const ended = body.stream
    ? await sendStream(response, events, format, generation, body.stream_options?.include_usage ?? false)
    : await sendWhole(response, events, format, generation);
  service.metrics[ended ? 'finishedRequests' : 'abandonedRequests'] += 1;
}

async function sendStream(
  response: ServerResponse,
  events: AsyncIterable<GenerationEvent>,
  format: AnswerFormat,
  { prompt }: Generation,
  includeUsage: boolean,
): Promise<boolean> {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
  });
  const send = (value: object) => response.write(`data: ${JSON.stringify(value)}\n\n`);
  let first = true;
  let cachedTokens = 0;
  for await (const event of events) {
    if (event.type === 'started') {
      ({ cachedTokens } = event);
      continue;
    }
    if (event.type === 'token') {
      send(format.chunk(event.text, null, first));
      first = false;
      continue;
    }
    send(format.chunk('', event.reason, false));
    if (includeUsage) send(format.usageChunk(usage(prompt.length, event.completionTokens, cachedTokens)));
    response.end('data: [DONE]\n\n');
    return true;
  }
  return false;
}

async function sendWhole(
  response: ServerResponse,
  events: AsyncIterable<GenerationEvent>,
  format: AnswerFormat,
  { prompt }: Generation,
): Promise<boolean> {
  let text = '';
  let cachedTokens = 0;
  for await (const event of events) {
    if (event.type === 'started') ({ cachedTokens } = event);
    else if (event.type === 'token') text += event.text;
    else {
      sendJson(
        response,
        200,
        format.whole(text, event.reason, usage(prompt.length, event.completionTokens, cachedTokens)),
      );
      return true;
    }
  }
  return false;
}

async function readBody<Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.output<Schema>> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request) {
    bytes += piece.length;
    if (bytes > maxBodyBytes) throw new RequestError(413, `the body is larger than ${maxBodyBytes} bytes`);
    pieces.push(piece);
  }
  const parsed = schema.safeParse(parseJson(Buffer.concat(pieces).toString('utf8')));
  if (!parsed.success) throw new RequestError(400, reasonFor(parsed.error));
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RequestError(400, `the body is not JSON: ${messageOf(error)}`);
  }
}

function sendJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

function errorBody(status: number, message: string): object {
  const type = status < 500 ? 'invalid_request_error' : 'server_error';
  return { error: { message, type, param: null, code: status } };
}

function nowS(): number {
  return Math.floor(Date.now() / 1000);
}
