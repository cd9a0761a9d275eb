import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { defined } from '../../defined/defined.ts';
import { LoadError } from '../load-error.ts';
import { startMockProcess } from '../mock/process.ts';
import { type Answered, askConformance, type ExamineeSettings, questions } from './index.ts';

interface Body {
  readonly prompt?: string | number[];
  readonly messages?: readonly { readonly content: string }[];
  readonly max_tokens?: unknown;
  readonly max_completion_tokens?: unknown;
  readonly n?: number;
  readonly stream?: boolean;
  readonly ignore_eos?: boolean;
  readonly stream_options?: { readonly continuous_usage_stats?: boolean };
  readonly return_token_ids?: boolean;
  readonly a_field_nobody_knows?: number;
}

/** How the test server differs from a well-behaved one. */
interface Manner {
  /** The text of token `index`. */
  readonly textOf?: (index: number) => string;
  readonly tokensPerChunk?: number;
  readonly counts?: 'none' | 'of output' | 'end';
  /** The token count in a chunk. */
  readonly chunkCount?: (tokensSoFar: number) => number;
  readonly ids?: boolean;
  readonly endsWith?: readonly ('finish' | 'done')[];
  readonly contentType?: string;
  /** The model ends every reply after this many tokens, whatever is requested. */
  readonly ownLength?: number;
  readonly takesIds?: boolean;
  readonly knowsLength?: boolean;
  readonly hasChoices?: boolean;
  readonly cache?: 'counted' | 'silent';
  readonly context?: number;
  readonly closes?: boolean;
  readonly streams?: boolean;
  readonly prefillMsPerToken?: number;
  readonly neverAnswers?: boolean;
  readonly hidesErrors?: boolean;
}

/** Starts a server that behaves as described and answers completions and chat. */
async function withServer<T>(manner: Manner, use: (baseUrl: string) => Promise<T>): Promise<T> {
  const seen = new Set<string>();
  const server = createServer((request, response) => {
    void answer(manner, seen, request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await use(`http://127.0.0.1:${portOf(server)}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function answer(
  manner: Manner,
  seen: Set<string>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let text = '';
  for await (const piece of request) text += String(piece);
  if (manner.closes === true) response.setHeader('Connection', 'close');
  if (request.method === 'GET') {
    const { context = 4096 } = manner;
    response.end(JSON.stringify({ data: [{ id: 'm', max_model_len: context }] }));
    return;
  }
  if (request.url === '/tokenize') {
    response.end(JSON.stringify({ count: 2 }));
    return;
  }
  if (manner.neverAnswers === true) return;
  const body: Body = JSON.parse(text);
  const prompt = body.prompt ?? body.messages?.[0]?.content ?? '';
  const promptTokens = typeof prompt === 'string' ? prompt.split(' ').length - 1 : prompt.length;
  const { context = 4096 } = manner;
  const problem =
    promptTokens > context
      ? `this model's maximum context length is ${context} tokens`
      : typeof (body.max_tokens ?? body.max_completion_tokens ?? 1) !== 'number'
        ? 'max_tokens must be a number'
        : typeof prompt !== 'string' && manner.takesIds === false
          ? 'the prompt must be text'
          : undefined;
  if (problem !== undefined && manner.hidesErrors !== true) {
    response.writeHead(400, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ error: { message: problem } }));
    return;
  }
  const isHit = seen.has(JSON.stringify(prompt)) && manner.cache !== undefined;
  seen.add(JSON.stringify(prompt));
  if (manner.prefillMsPerToken !== undefined && !isHit) await delay(promptTokens * manner.prefillMsPerToken);
  await reply(
    manner,
    body,
    { promptTokens, isHit, isChat: request.url?.includes('/chat/') === true },
    response,
  );
}

async function reply(
  manner: Manner,
  body: Body,
  { promptTokens, isHit, isChat }: { promptTokens: number; isHit: boolean; isChat: boolean },
  response: ServerResponse,
): Promise<void> {
  const {
    textOf = (index) => ` w${index}`,
    tokensPerChunk = 1,
    counts = 'end',
    endsWith = ['finish', 'done'],
  } = manner;
  const asked = Number(
    body.max_tokens ?? (manner.knowsLength === false ? 16 : body.max_completion_tokens) ?? 16,
  );
  const count = Math.min(manner.ownLength ?? Number.POSITIVE_INFINITY, Number.isNaN(asked) ? 16 : asked);
  const choices = body.n !== undefined && manner.hasChoices !== false ? body.n : 1;
  const usage = {
    ...defined({ prompt_tokens: counts === 'of output' ? undefined : promptTokens }),
    completion_tokens: count * choices,
    ...defined({
      prompt_tokens_details:
        manner.cache === 'counted' ? { cached_tokens: isHit ? promptTokens : 0 } : undefined,
    }),
  };
  if (body.stream === false || manner.streams === false) {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ choices: [{ index: 0, text: ' all', finish_reason: 'length' }], usage }));
    return;
  }
  response.writeHead(200, { 'Content-Type': manner.contentType ?? 'text/event-stream' });
  const send = (event: object): boolean => response.write(`data: ${JSON.stringify(event)}\n\n`);
  for (let sent = 0; sent < count && !response.destroyed; sent += tokensPerChunk) {
    const indices = Array.from({ length: Math.min(tokensPerChunk, count - sent) }, (_, at) => sent + at);
    const isLast = sent + tokensPerChunk >= count;
    const text = indices.map(textOf).join('');
    for (let index = 0; index < choices; index++) {
      send({
        choices: [
          {
            index,
            [isChat ? 'delta' : 'text']: isChat ? { content: text } : text,
            finish_reason: isLast && endsWith.includes('finish') ? 'length' : null,
            ...defined({
              token_ids: manner.ids === true && body.return_token_ids === true ? indices : undefined,
            }),
          },
        ],
        ...defined({
          usage:
            body.stream_options?.continuous_usage_stats === true && manner.chunkCount !== undefined
              ? { ...usage, completion_tokens: manner.chunkCount(sent + indices.length) }
              : undefined,
        }),
      });
    }
    await delay(1);
  }
  if (counts !== 'none') send({ choices: [], usage });
  if (endsWith.includes('done')) response.write('data: [DONE]\n\n');
  response.end();
}

/** The findings about a server for one or more questions. */
async function found(
  manner: Manner,
  only: string | readonly string[],
  more: Partial<ExamineeSettings> & { readonly timeoutS?: number } = {},
): Promise<readonly Answered[]> {
  const { timeoutS = 20, ...settings } = more;
  return await withServer(manner, async (baseUrl) => {
    const { findings } = await askConformance(
      { baseUrl, backend: 'openai', model: 'm', headers: {}, insecure: false, ...settings },
      { signal: new AbortController().signal, timeoutS, only: [only].flat(), seed: 7 },
    );
    return findings;
  });
}

describe('findings about a server', () => {
  it.each<
    [question: string, server: string, manner: Manner, expected: Partial<Record<keyof Answered, unknown>>]
  >([
    ['stream', 'that streams', {}, { answer: 'yes, text/event-stream', grade: 'fine' }],
    ['stream', 'of another type', { contentType: 'application/json' }, { grade: 'note' }],
    ['stream', 'that does not', { streams: false }, { grade: 'harm' }],
    [
      'end',
      'with all end markers',
      {},
      { answer: expect.stringMatching(/length, \[DONE\], the end/), grade: 'fine' },
    ],
    ['end', 'without [DONE]', { endsWith: ['finish'] }, { grade: 'fine' }],
    ['end', 'without any end marker', { endsWith: [] }, { grade: 'harm' }],
    ['keep-alive', 'that keeps connections', {}, { answer: 'yes', grade: 'fine' }],
    ['keep-alive', 'that closes them', { closes: true }, { answer: 'no', grade: 'note' }],
    ['unstreamed', 'that can', {}, { answer: 'yes, with a count' }],
    [
      'too-long',
      'that rejects it',
      { context: 300 },
      { answer: expect.stringMatching(/^status 400: .*300 tokens/) },
    ],
    ['too-long', 'that does not reject it', { context: 300, hidesErrors: true }, { grade: 'note' }],
    ['bad-field', 'that rejects it', {}, { answer: expect.stringMatching(/^status 400: max_tokens must/) }],
    ['bad-field', 'that does not reject it', { hidesErrors: true }, { grade: 'note' }],
    ['unknown-field', 'that ignores', {}, { answer: 'no, it is ignored' }],
    ['given-up', 'that frees its capacity', {}, { answer: 'yes', grade: 'fine' }],
    ['usage', 'that counts', {}, { answer: 'yes, in a separate event', grade: 'fine' }],
    ['usage', 'that does not', { counts: 'none' }, { answer: 'no', grade: 'harm' }],
    ['usage', 'that counts only output', { counts: 'of output' }, { grade: 'note' }],
    ['usage-per-chunk', 'that does so', { chunkCount: (sofar) => sofar }, { answer: 'yes', grade: 'fine' }],
    ['usage-per-chunk', 'that does not', {}, { answer: 'no', grade: 'note' }],
    [
      'usage-per-chunk',
      'whose counts do not change',
      { chunkCount: () => 24 },
      { answer: expect.stringMatching(/not token counts/) },
    ],
    [
      'usage-per-chunk',
      'whose counts lag behind',
      { chunkCount: (sofar) => sofar - 1, counts: 'end' },
      { grade: 'note' },
    ],
    ['empty-chunks', 'without', {}, { answer: 'no', grade: 'fine' }],
    [
      'empty-chunks',
      'whose tokens have no text',
      { textOf: (index) => (index % 3 === 0 ? '' : ' w') },
      { answer: expect.stringMatching(/^8 of 24, and 8 tokens/) },
    ],
    ['tokens-per-chunk', 'with one each', {}, { answer: 'one', grade: 'fine' }],
    [
      'tokens-per-chunk',
      'with four each',
      { tokensPerChunk: 4 },
      { answer: '4.0 on average', grade: 'note' },
    ],
    [
      'token-ids',
      'that lists them',
      { ids: true, tokensPerChunk: 3 },
      { answer: 'yes, as many as the server counts', grade: 'fine' },
    ],
    ['token-ids', 'that does not', {}, { answer: 'no', grade: 'note' }],
    ['token-id-prompts', 'that accepts them', {}, { answer: 'yes: 37 of 37', grade: 'fine' }],
    [
      'token-id-prompts',
      'that does not',
      { takesIds: false },
      { answer: 'rejected: the prompt must be text' },
    ],
    [
      'prompt-count',
      'that counts words',
      {},
      { answer: 'yes: 1 token per word, plus 0 others', grade: 'fine' },
    ],
    ['prompt-count', 'that does not count them', { counts: 'of output' }, { answer: 'no', grade: 'note' }],
    ['tokenize', 'that can', {}, { answer: 'yes' }],
    ['ignore-eos', 'that does', {}, { answer: 'yes: 57 of 57', grade: 'fine' }],
    [
      'ignore-eos',
      'whose model ends early',
      { ownLength: 20 },
      { answer: 'no: 20 of 57 (length)', grade: 'note' },
    ],
    ['max-tokens', 'that obeys', {}, { answer: 'yes: 7 of 7' }],
    [
      'several-choices',
      'that has them',
      {},
      { answer: 'interleaved, counted together as 16', grade: 'fine' },
    ],
    ['several-choices', 'that has one', { hasChoices: false }, { answer: 'only one is sent', grade: 'note' }],
    [
      'prefix-cache',
      'that counts hits',
      { cache: 'counted' },
      { answer: 'yes: 1500 prompt tokens were cached' },
    ],
    [
      'prefix-cache',
      'that hides hits',
      { cache: 'silent', prefillMsPerToken: 0.1 },
      { answer: expect.stringMatching(/^apparently/) },
    ],
    [
      'prefix-cache',
      'without',
      { prefillMsPerToken: 0.1 },
      { answer: expect.stringMatching(/^no: /), grade: 'fine' },
    ],
  ])('%s: one %s', async (question, _, manner, expected) => {
    expect(await found(manner, question)).toMatchObject([{ name: question, ...expected }]);
  });

  it('accepts either name of the length field on a chat server', async () => {
    const chat = { backend: 'openai-chat' } as const;
    expect(await found({}, 'max-completion-tokens', chat)).toMatchObject([{ answer: 'yes: 7 of 7' }]);
    expect(await found({ knowsLength: false }, 'max-completion-tokens', chat)).toMatchObject([
      { answer: 'no: 16 of 7', grade: 'note' },
    ]);
  });

  it('leaves a question open if it is not answered in time, and asks the next', async () => {
    expect(await found({ neverAnswers: true }, ['end', 'usage'], { timeoutS: 0.2 })).toMatchObject([
      { name: 'end', answer: 'no answer within 0.2 s', grade: 'unknown' },
      { name: 'usage', grade: 'unknown' },
    ]);
  });

  it('does not store credentials of the URL', async () => {
    const { base_url: shown } = await withServer({}, (baseUrl) =>
      askConformance(
        {
          baseUrl: `${baseUrl.replace('//', '//user:secret@')}/`,
          backend: 'openai',
          model: 'm',
          headers: { Authorization: 'Bearer k' },
          insecure: false,
        },
        { signal: new AbortController().signal, timeoutS: 20, only: ['end'] },
      ),
    );
    expect(shown).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('reports that no server listens', async () => {
    const asked = askConformance(
      { baseUrl: 'http://127.0.0.1:1', backend: 'openai', model: 'm', headers: {}, insecure: false },
      { signal: new AbortController().signal, timeoutS: 20 },
    );
    await expect(asked).rejects.toBeInstanceOf(LoadError);
    await expect(asked).rejects.toThrow(/cannot connect to http:\/\/127\.0\.0\.1:1/);
  });

  it.each(['openai', 'openai-chat'] as const)(
    'answers every question about the built-in mock over %s',
    async (backend) => {
      await using mock = await startMockProcess({
        ttftMs: 25,
        itlMs: 1,
        tokensPerEvent: 2,
        eventsPerWrite: 1,
      });
      const { findings } = await askConformance(
        { baseUrl: mock.baseUrl, backend, model: 'mock', headers: {}, insecure: false },
        { signal: new AbortController().signal, timeoutS: 20 },
      );
      expect(findings.filter(({ grade }) => grade === 'unknown' || grade === 'harm')).toEqual([]);
      expect(findings.find(({ name }) => name === 'tokens-per-chunk')).toMatchObject({
        answer: '2.0 on average',
      });
    },
  );
});

describe('the questions', () => {
  it('have unique names', () => {
    const names = questions.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(questions.filter(({ text }) => !text.endsWith('?'))).toEqual([]);
  });
});
