import type { PromptBody } from '../backends/index.ts';
import type { CacheableRequest } from '../prefix-cache/ideal-hits.ts';
import type { Dataset, Prompt } from './dataset.ts';
import { DrawnImages, type ImagesSpec } from './images.ts';
import { inputLengths, type RandomSpec, SyntheticDataset, syntheticPrompts } from './synthetic.ts';
import type { Vocabulary } from './vocabulary.ts';

/** Requests that are put together from drawn prompts. */
export type ComposedSpec = {
  readonly kind: 'composed';
  readonly prompts: RandomSpec;
} & (
  | {
      /** Several prompts as the inputs of one request, for embedding servers. */
      readonly form: 'list';
      readonly inputs: number;
    }
  | {
      /** A query and documents to rank. The lengths of `prompts` are those of the documents. */
      readonly form: 'ranking';
      readonly documents: number;
      readonly queryTokens: number;
    }
  | {
      /** A prompt with images in a chat message. */
      readonly form: 'images';
      readonly images: ImagesSpec;
    }
);

/** The kind of body that a backend must support for composed requests. */
export function composedBody({ form }: ComposedSpec): PromptBody['kind'] {
  return form === 'images' ? 'messages' : form;
}

/** How many drawn prompts each request has. */
function partsOf(spec: ComposedSpec): number {
  return spec.form === 'list' ? spec.inputs : spec.form === 'ranking' ? spec.documents : 1;
}

/** Composed requests, written on demand. */
export function composedDataset(
  spec: ComposedSpec,
  count: number,
  { seed, vocabulary, overheadTokens }: { seed: number; vocabulary: Vocabulary; overheadTokens: number },
): Dataset {
  const parts = syntheticPrompts(spec.prompts, count * partsOf(spec), seed);
  const texts = new SyntheticDataset(parts, vocabulary, seed, overheadTokens);
  switch (spec.form) {
    case 'list':
      return { length: count, prompt: (index) => listOf(texts, spec.inputs, index) };
    case 'images': {
      const images = new DrawnImages(spec.images, seed);
      return { length: count, prompt: (index) => withImages(texts.prompt(index), images.of(index)) };
    }
    case 'ranking': {
      const drawn = { ...spec.prompts, inputLen: spec.queryTokens, rangeRatio: 1 };
      const { inputLengths: _, ...fixed } = drawn;
      const querySeed = seed ^ querySeedMask;
      const queries = new SyntheticDataset(
        syntheticPrompts(fixed, count, querySeed),
        vocabulary,
        querySeed,
        overheadTokens,
      );
      return {
        length: count,
        prompt: (index) => rankingOf(queries.prompt(index), listOf(texts, spec.documents, index)),
      };
    }
  }
}

/** What a prefix cache could share of composed requests: nothing, as every part is drawn separately. */
export function* composedRequests(
  spec: ComposedSpec,
  count: number,
  seed: number,
): Generator<CacheableRequest> {
  const parts = partsOf(spec);
  const lengths = inputLengths(spec.prompts, count * parts, seed);
  for (let index = 0; index < count; index++) {
    const own = lengths.subarray(index * parts, (index + 1) * parts);
    yield { prompt: Array.from(own, (tokens, part) => ({ seed: index * parts + part, tokens })) };
  }
}

const querySeedMask = 0x9e71;

/** The next `inputs` prompts as a JSON list. */
function listOf(texts: Dataset, inputs: number, index: number): Prompt {
  const parts = Array.from({ length: inputs }, (_, part) => texts.prompt(index * inputs + part));
  const joined = parts.flatMap(({ body }, part) => (part === 0 ? [body.json] : [comma, body.json]));
  return {
    body: { kind: 'list', json: Buffer.concat([openList, ...joined, closeList]) },
    inputTokens: parts.reduce((sum, { inputTokens = Number.NaN }) => sum + inputTokens, 0),
    outputTokens: 0,
    inputs,
  };
}

/** Servers count the query once for each document, and what their template adds. */
function rankingOf(query: Prompt, documents: Prompt): Prompt {
  const { inputTokens: ofQuery = Number.NaN } = query;
  const { inputTokens: ofDocuments = Number.NaN, inputs = 0 } = documents;
  return {
    body: { kind: 'ranking', json: rankingJson(query.body.json, documents.body.json) },
    inputTokens: undefined,
    estimatedInputTokens: ofDocuments + inputs * ofQuery,
    outputTokens: 0,
    inputs,
  };
}

/** The fields of a request that ranks documents. */
export function rankingJson(query: Uint8Array, documents: Uint8Array): Uint8Array {
  return Buffer.concat([queryField, query, documentsField, documents]);
}

/** The server alone knows how many tokens an image becomes. */
function withImages({ body, inputTokens, outputTokens }: Prompt, images: readonly string[]): Prompt {
  const parts = images.map((url) => `,{"type":"image_url","image_url":{"url":"${url}"}}`);
  return {
    body: {
      kind: 'messages',
      json: Buffer.concat([openMessage, body.json, Buffer.from(`}${parts.join('')}]}]`)]),
    },
    inputTokens: undefined,
    estimatedInputTokens: inputTokens,
    outputTokens,
  };
}

const openList = Buffer.from('[');
const closeList = Buffer.from(']');
const comma = Buffer.from(',');
const queryField = Buffer.from('"query":');
const documentsField = Buffer.from(',"documents":');
const openMessage = Buffer.from('[{"role":"user","content":[{"type":"text","text":');
