import { backendFor, backends } from './backends/index.ts';
import { redirectHint } from './http/redirect.ts';
import { parseServerUrl, shownServer } from './http/server-url.ts';
import type { LoadTest } from './load-test.ts';
import type { Trouble } from './request-log.ts';

/** What a server's error message means, and what the user can do about it. */
interface Hint {
  /** Matched against `class: message` of the trouble, on one line. */
  readonly pattern: RegExp;
  /** Returns undefined if the pattern matches but the test's settings rule out this cause. */
  readonly hint: (match: RegExpExecArray, test: LoadTest) => string | undefined;
}

/** The first match is used, so specific hints come before general ones. */
const hints: readonly Hint[] = [
  {
    pattern: /^http-3\d\d: (.*)/,
    hint: ([, message = ''], test) =>
      redirectHint(message, { baseUrl: test.baseUrl, path: pathOf(test) }) ??
      'use the address to which the server redirects',
  },
  {
    pattern: /^http-40[134]: .*|^http-405: .*/,
    hint: (_, test) =>
      hasVersionTwice(test)
        ? `leave out the /v1 at the end of the base URL ${shownServer(test.baseUrl)}: it is part of the request path`
        : undefined,
  },
  {
    pattern: /^http-40[13]: /,
    hint: (_, { headers = {} }) =>
      Object.keys(headers).some((name) => name.toLowerCase() === 'authorization')
        ? 'the server rejects this key: check OPENAI_API_KEY and --header Authorization'
        : 'the server requires a key: set OPENAI_API_KEY, or pass it with --header',
  },
  {
    pattern: /max_tokens.*max_completion_tokens/i,
    hint: () =>
      'the server expects the length under another name: pass --max-tokens-field max_completion_tokens',
  },
  {
    pattern: /max_completion_tokens.*(unknown|unrecognized|not permitted|extra|unexpected)/i,
    hint: (_, { tokenLimitField }) =>
      tokenLimitField === 'max_completion_tokens'
        ? 'leave out --max-tokens-field: the server knows max_tokens'
        : undefined,
  },
  {
    pattern:
      /out of (?:the )?vocab|(?:exceeds?|larger than|outside|beyond|not in|>=?) (?:of )?(?:the )?(?:model'?s? )?vocab|(?:token[ _]ids?|input[ _]ids?)\b.*(?:out of range|out of bounds|invalid|must be (?:less|smaller|below)|between 0)/i,
    hint: (match, test) => vocabularyHint(match.input, test),
  },
  {
    pattern:
      /context (?:length|window|size)|maximum (?:model|sequence|input) length|max_model_len|too (?:long|many tokens)|exceeds? .*(?:n_ctx|max_seq_len|max_position)/i,
    hint: () =>
      'prompt and reply are longer than the server allows: shorten them with --random-input-len and --random-output-len',
  },
  {
    pattern:
      /string_type.{0,200}\bprompt\b|\b(?:prompt|inputs|input_ids|text_input)\b.{0,200}?(?:valid string|a string|type(?:: | )string|expected string|string_type|must be (?:of type )?str\b)|(?:sequence|array|list).{0,60}expected a string|cannot unmarshal (?:array|number).{0,120}of type string/i,
    hint: (_, test) =>
      sendsIds(test) ? 'the server accepts only text prompts: pass --prompt-format text' : undefined,
  },
  {
    pattern:
      /(?:unknown|unrecogni[sz]ed|unsupported|unexpected|extra|invalid|additional)[\w ]*?(?:field|parameter|argument|keyword|propert|key|input|value)|extra_forbidden|(?:is|are|was) (?:not supported|unsupported|not permitted|not allowed|unexpected|not a valid parameter)|must be strictly positive|does not support/i,
    hint: ({ input }, test) => omitHint(fieldNamedIn(input, test), test),
  },
  {
    pattern:
      /model\b.{0,120}(?:does not exist|not found|unknown|not available|not loaded)|(?:no such|unknown) model|model_not_found/i,
    hint: () => 'leave out --model to use the first one listed by /v1/models',
  },
  {
    pattern: /^http-40[45]: /,
    hint: (_, test) =>
      /\/(?:completions|generate|generate_stream|messages|responses)\/*$/.test(
        parseServerUrl(test.baseUrl).pathPrefix,
      )
        ? `the base URL ${shownServer(test.baseUrl)} ends with a request path: pass that path as --endpoint`
        : `the server has no path ${pathOf(test).split('?')[0]}: pass the server's path as --endpoint, or its kind as --backend`,
  },
];

/** Suggests what to do if every request of a test failed; `worst` is the most frequent trouble. */
export function hintFor(test: LoadTest, worst: Pick<Trouble, 'class' | 'example'> | undefined): string {
  const text = worst === undefined ? '' : `${worst.class}: ${worst.example}`.replace(/\s+/g, ' ');
  for (const { pattern, hint } of hints) {
    const match = pattern.exec(text);
    const told = match === null ? undefined : hint(match, test);
    if (told !== undefined) return told;
  }
  return 'try one request manually, and check the server’s log';
}

function pathOf(test: LoadTest): string {
  return test.endpoint ?? backends[backendFor(test)].path;
}

/** Base URLs of OpenAI clients end in `/v1`, which our request paths begin with. */
function hasVersionTwice(test: LoadTest): boolean {
  return /\/v1$/.test(parseServerUrl(test.baseUrl).pathPrefix) && pathOf(test).startsWith('/v1/');
}

function sendsIds(test: LoadTest): boolean {
  return (
    test.promptFormat !== 'text' &&
    test.tokenizerFile === undefined &&
    test.dataset.kind !== 'texts' &&
    backends[backendFor(test)].prompts.some((kind) => kind === 'token-ids')
  );
}

/** The vocabulary size if the message contains it: the only number other than the rejected id. */
function vocabularyHint(message: string, test: LoadTest): string | undefined {
  if (!sendsIds(test)) return undefined;
  const [, size] =
    /vocab\w*(?:[ _]*size)?\s*(?:of|is|=|:|\()?\s*\(?(\d{2,9})/i.exec(message) ??
    /(?:less than|smaller than|below|<)\s*(\d{2,9})/i.exec(message) ??
    /\[0,\s*(\d{2,9})\)/.exec(message) ??
    [];
  const [, last] = /(?:between 0 and|\[0,)\s*(\d{2,9})(?:\]|\b(?!\)))/i.exec(message) ?? [];
  const highest = last === undefined ? (size === undefined ? undefined : Number(size) - 1) : Number(last);
  return highest === undefined
    ? 'the vocabulary of the model is smaller than the range of random token ids: pass --token-ids 0-999, with the last id of its vocabulary, or --prompt-format text'
    : `the model has no more tokens: pass --token-ids 0-${highest}`;
}

/** Fields that a request can omit. */
const omittable = ['stream_options', 'temperature', 'ignore_eos', 'max_tokens', 'top_p', 'top_k', 'min_p'];

/** The first field in the message that the test sends; '' if there is none. */
function fieldNamedIn(message: string, { extraBody = {}, sampling = {} }: LoadTest): string {
  const sent = [...omittable, ...Object.keys(sampling), ...Object.keys(extraBody)];
  const found = sent
    .map((name) => ({
      name,
      at: message.search(new RegExp(`(?<![\\w.])${name.replace(/\W/g, '\\$&')}(?!\\w)`)),
    }))
    .filter(({ at }) => at !== -1)
    .sort((a, b) => a.at - b.at);
  return found[0]?.name ?? '';
}

function omitHint(name: string, test: LoadTest): string | undefined {
  const { extraBody = {}, sampling = {} } = test;
  if (name === '') return undefined;
  if (Object.hasOwn(extraBody, name)) return `the server does not take ${name}: leave it out of --extra-body`;
  if (name === 'ignore_eos') {
    return 'the server does not support ignore_eos: leave out --ignore-eos, or keep it and pass --omit-field ignore_eos';
  }
  if (name !== 'temperature' && Object.hasOwn(sampling, name)) {
    return `the server does not take ${name}: leave out --${name.replaceAll('_', '-')}`;
  }
  return omittable.includes(name) ? `the server does not take ${name}: pass --omit-field ${name}` : undefined;
}
