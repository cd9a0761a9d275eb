import type { Backend, EventReading } from './backend.ts';
import { restOfBody } from './body.ts';
import { fieldOf, isRecord, listAt, numberAt, objectAt } from './json-fields.ts';
import { sampleJson } from './sample.ts';
import { errorText } from './server-messages.ts';

/** Their replies are one JSON text. */
const headers = { Accept: 'application/json' };

/** The lists of results in the replies of the various servers: OpenAI's, vLLM's, Cohere's. */
const listNames = ['data', 'results'] as const;

/** A reply with one result for each input. */
function readResults(event: unknown): EventReading {
  // Text Embeddings Inference replies with the list itself.
  const list = Array.isArray(event)
    ? event
    : listNames.map((name) => listAt(event, name)).find((found) => found !== undefined);
  const usage = objectAt(event, 'usage');
  const promptTokens = numberAt(usage, 'prompt_tokens') ?? numberAt(usage, 'total_tokens');
  return {
    choices: [],
    error: errorText(fieldOf(event, 'error')),
    results: list?.filter(isRecord).length,
    counts: promptTokens === undefined ? undefined : { promptTokens },
  };
}

/** The backends that pool have the same replies and differ in path and input. */
function pooledBackend(
  shape: Pick<Backend, 'path' | 'prompts'> & {
    readonly pathEnding: string;
    readonly pools: NonNullable<Backend['pools']>;
    /** The body before an input, and after it, up to the other fields. */
    readonly around: (prompt: Backend['prompts'][number]) => readonly [before: string, after: string];
    readonly result: object;
  },
): Backend {
  const { path, pathEnding, prompts, pools, around, result } = shape;
  return {
    path,
    pathEnding,
    prompts,
    pools,
    headers,
    tokenLimitField: '',
    textKeys: [],
    envelope(prompt, settings) {
      const [before, after] = around(prompt);
      return { before, after: `${after}${restOfBody({ model: settings.model }, settings)}` };
    },
    read: readResults,
    sample: (id) =>
      sampleJson({ id, data: [{ index: 0, ...result }], usage: { prompt_tokens: 8, total_tokens: 8 } }),
  };
}

const embedding = { object: 'embedding', embedding: [0.25, -0.5] };
const asInput = () => ['{"input":', ''] as const;

/** OpenAI's `/v1/embeddings`. Accepts texts and token ids, one or a list of them. */
export const openAiEmbeddings = pooledBackend({
  path: '/v1/embeddings',
  pathEnding: '/embeddings',
  prompts: ['token-ids', 'text', 'list'],
  pools: { unit: 'embedding', isOneForEach: true },
  around: asInput,
  result: embedding,
});

/** The same path with chat messages as input, for models that embed images, too. */
export const openAiEmbeddingsChat = pooledBackend({
  path: '/v1/embeddings',
  pathEnding: '/embeddings',
  prompts: ['text', 'messages'],
  pools: { unit: 'embedding', isOneForEach: true },
  around: (prompt) =>
    prompt === 'messages' ? ['{"messages":', ''] : ['{"messages":[{"role":"user","content":', '}]'],
  result: embedding,
});

/** vLLM's `/pooling`: the output of a model's pooler, such as token embeddings, classes or rewards. */
export const vllmPooling = pooledBackend({
  path: '/pooling',
  pathEnding: '/pooling',
  prompts: ['token-ids', 'text', 'list'],
  pools: { unit: 'pooled output', isOneForEach: true },
  around: asInput,
  result: { object: 'pooling', data: [0.25, -0.5] },
});

/** `/v1/rerank` of vLLM, Jina and Cohere: a score for each document of a query, or for the best of them. */
export const vllmRerank = pooledBackend({
  path: '/v1/rerank',
  pathEnding: '/rerank',
  prompts: ['ranking'],
  pools: { unit: 'score', isOneForEach: false },
  around: () => ['{', ''],
  result: { relevance_score: 0.5 },
});
