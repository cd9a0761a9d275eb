import { defined } from '../defined/defined.ts';
import {
  type Backend,
  backendAt,
  backendFor,
  backends,
  type PromptBody,
  takesMessages,
} from './backends/index.ts';
import { problemsOfHeaders } from './http/headers.ts';
import { baseUrlsOf, type LoadTest } from './load-test.ts';
import { problemOfServerUrl } from './transports/index.ts';

/** Problems with how a test sends its requests. The messages contain no secrets. */
export function problemsOfRequests(test: LoadTest): string[] {
  return [
    ...baseUrlsOf(test).flatMap((url, server) => {
      const problem = problemOfServerUrl(url);
      return problem === undefined ? [] : [`${server === 0 ? 'baseUrl' : 'otherBaseUrls'} ${problem}`];
    }),
    ...problemsOfEndpoint(test),
    ...problemsOfHeaders(test.headers ?? {}),
    ...problemsOfIds(test),
    ...problemsOfBody(test, backends[backendFor(test)]),
  ];
}

function problemsOfEndpoint({ endpoint, useChatTemplate }: LoadTest): string[] {
  if (endpoint === undefined) return [];
  const [path = ''] = endpoint.split(/[?#]/);
  if (endpoint.includes('#')) return ['endpoint has a fragment (#…), which is never sent: remove it'];
  if (!/^\/[\x21-\x7e]*$/.test(endpoint)) {
    return [
      `endpoint must be a path such as /v1/completions, with non-ASCII characters as %XX, not ${JSON.stringify(path)}`,
    ];
  }
  const told = backendAt(endpoint);
  return useChatTemplate && told !== undefined && !takesMessages(told)
    ? [`endpoint ${path} takes completions: chat messages, which the template is for, go to a chat endpoint`]
    : [];
}

function problemsOfIds({ requestIdPrefix, sessionHeader, headers = {}, models }: LoadTest): string[] {
  const problems: string[] = [];
  if (requestIdPrefix !== undefined) {
    if (!/^[\x21-\x7e]*$/.test(requestIdPrefix)) {
      problems.push('requestIdPrefix must consist of visible ASCII characters');
    }
    if (Object.keys(headers).some((name) => name.toLowerCase() === 'x-request-id')) {
      problems.push('the header "x-request-id" cannot be combined with requestIdPrefix');
    }
  }
  if (sessionHeader !== undefined) {
    problems.push(...problemsOfHeaders({ [sessionHeader]: '' }));
    const others = [...Object.keys(headers), ...(requestIdPrefix === undefined ? [] : ['x-request-id'])];
    if (others.some((name) => name.toLowerCase() === sessionHeader.toLowerCase()))
      problems.push(`the header ${JSON.stringify(sessionHeader)} is also the one of the session`);
  }
  if (models?.shares !== undefined) {
    const { shares } = models;
    if (models.assignment === 'round-robin')
      problems.push('models with unequal shares need the assignment random, not round-robin');
    if (shares.length !== models.models.length || !shares.every((share) => share >= 0 && share < Infinity))
      problems.push('each model needs a share, a number of 0 or more');
    else if (!(shares.reduce((sum, share) => sum + share, 0) > 0))
      problems.push('the shares of the models are all 0');
  }
  if (models !== undefined && (models.models.length === 0 || models.models.includes(''))) {
    problems.push('models must be a list of one or more non-empty names');
  }
  return problems;
}

function problemsOfBody(test: LoadTest, backend: Backend): string[] {
  const { omitFields = [], extraBody = {}, tokenLimitField, logprobs } = test;
  const problems: string[] = [];
  if (logprobs !== undefined && backend.hasLogprobs !== true) {
    problems.push(`logprobs: the backend ${test.backend} has no field for them`);
  }
  if (tokenLimitField === '') problems.push('tokenLimitField must be the name of a field');
  const promptFields = new Set(
    backend.prompts.flatMap((kind) =>
      Object.keys(bodyOf(test, backend, kind)).slice(0, kind === 'ranking' ? 2 : 1),
    ),
  );
  for (const name of Object.keys(extraBody)) {
    if (promptFields.has(name))
      problems.push(`extraBody sets ${name}, which holds the prompt of each request`);
  }
  const [kind = 'text'] = backend.prompts;
  const body = bodyOf(test, backend, kind);
  for (const path of omitFields) {
    const [name = ''] = path.split('.');
    if (promptFields.has(path)) problems.push(`omitFields: ${path} holds the prompt, which is required`);
    else if (path === 'stream')
      problems.push('omitFields: stream is required, because the streamed tokens are what is measured');
    else if (Object.hasOwn(extraBody, name)) {
      problems.push(`omitFields: ${name} is also in extraBody: remove it from one of them`);
    } else if (!has(body, path.split('.'))) {
      problems.push(
        `omitFields: there is no field ${JSON.stringify(path)}; a request has ${fieldsOf(body).join(', ')}`,
      );
    }
  }
  return problems;
}

/** The whole body of a request, before fields are omitted and without its prompt. */
function bodyOf(test: LoadTest, backend: Backend, kind: PromptBody['kind']): Record<string, unknown> {
  const {
    model,
    ignoreEos,
    sampling = {},
    perChunkUsage = false,
    extraBody = {},
    tokenLimitField,
    logprobs,
  } = test;
  const { before, after } = backend.envelope(kind, {
    model,
    ignoreEos,
    sampling,
    perChunkUsage,
    extraBody,
    outputTokens: 1,
    ...defined({ tokenLimitField, logprobs }),
  });
  const prompt = kind === 'ranking' ? '"query":"","documents":[]' : '""';
  return JSON.parse(`${before}${prompt}${after}`);
}

function has(body: object, [name = '', ...inner]: readonly string[]): boolean {
  const found: unknown = Reflect.get(body, name);
  if (Object.hasOwn(body, name)) return inner.length === 0 || (isObject(found) && has(found, inner));
  return (
    inner.length === 0 && Object.values(body).some((value) => isObject(value) && Object.hasOwn(value, name))
  );
}

function fieldsOf(body: object): string[] {
  return Object.entries(body).flatMap(([name, value]) => [
    name,
    ...(isObject(value) ? Object.keys(value).map((inner) => `${name}.${inner}`) : []),
  ]);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
