import { bearerToken } from '../../bearer-token.ts';
import { defined } from '../../defined/defined.ts';
import { InputError, WorkError } from '../../errors.ts';
import { type AskedServer, ask, LoadError, problemOfServerUrl, shownServer } from '../../load/index.ts';
import type { ServeOptions } from './serve-options.ts';

/** The options that select the server. */
export type ServerOptions = Pick<ServeOptions, 'host' | 'port' | 'insecure' | 'header'> & {
  readonly baseUrl?: string;
};

/** The servers that share the requests. None gets a key of the environment if one has its own credentials. */
export function serversOf(
  { baseUrl: urls = [], ...options }: Omit<ServerOptions, 'baseUrl'> & Pick<ServeOptions, 'baseUrl'>,
  apiKey: string | undefined,
): readonly [AskedServer, ...AskedServer[]] {
  const [first, ...others] = urls;
  const server = serverOf(
    { ...options, ...defined({ baseUrl: first }) },
    urls.some(hasCredentials) ? undefined : apiKey,
  );
  return [server, ...others.map((baseUrl) => ({ ...server, baseUrl }))];
}

/** The server that the options describe. Throws InputError for a key that cannot be sent. */
export function serverOf(options: ServerOptions, apiKey: string | undefined): AskedServer {
  const baseUrl = options.baseUrl ?? `http://${options.host}:${options.port}`;
  const problem = problemOfServerUrl(baseUrl);
  if (problem !== undefined)
    throw new InputError(`--host and --port: the address ${problem}`, undefined, { code: 'bad-option' });
  return {
    baseUrl,
    insecure: options.insecure ?? false,
    headers: { ...authorizationOf(options, apiKey), ...options.header },
  };
}

/** Credentials given for this server take precedence over an API key in the environment. */
function authorizationOf(
  { baseUrl = '', header = {} }: ServerOptions,
  apiKey: string | undefined,
): Readonly<Record<string, string>> {
  const hasOwn = Object.keys(header).some((name) => name.toLowerCase() === 'authorization');
  if (hasOwn || hasCredentials(baseUrl)) return {};
  const key = bearerToken('OPENAI_API_KEY', apiKey);
  return key === undefined ? {} : { Authorization: `Bearer ${key}` };
}

function hasCredentials(baseUrl: string): boolean {
  return URL.canParse(baseUrl) && `${new URL(baseUrl).username}${new URL(baseUrl).password}` !== '';
}

const modelsPath = '/v1/models';
const modelsTimeoutMs = 30_000;

/**
 * The model that the server lists first, like in vLLM's client; `onNote` gets a line about it. Throws WorkError if the
 * server lists none, and LoadError if its certificate is rejected.
 */
export async function modelNamedBy(
  server: AskedServer,
  signal: AbortSignal,
  onNote: (note: string) => void,
): Promise<string> {
  const address = `${shownServer(server.baseUrl)}${modelsPath}`;
  const answer = await ask(server, {
    path: modelsPath,
    signal: AbortSignal.any([signal, AbortSignal.timeout(modelsTimeoutMs)]),
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    if (error instanceof LoadError) throw error;
    throw noModel(address, error instanceof Error ? error.message : String(error));
  });
  if (answer.status !== 200) throw noModel(address, `status ${answer.status}`);
  const names = namesIn(answer.text);
  const [first] = names;
  if (first === undefined) throw noModel(address, 'its answer is not a list of models');
  onNote(
    names.length === 1
      ? `model: ${first}, the only one that the server lists`
      : `model: ${first}, the first of ${names.length} that the server lists; choose another with --model`,
  );
  return first;
}

function namesIn(text: string): string[] {
  const list = modelsIn(text);
  return list.flatMap((model) => {
    const id: unknown = typeof model === 'object' && model !== null ? Reflect.get(model, 'id') : undefined;
    return typeof id === 'string' && id !== '' ? [id] : [];
  });
}

function modelsIn(text: string): readonly unknown[] {
  try {
    const answer: unknown = JSON.parse(text);
    const data: unknown =
      typeof answer === 'object' && answer !== null ? Reflect.get(answer, 'data') : undefined;
    return Array.isArray(data) ? data : [];
  } catch {
    return [];
  }
}

function noModel(address: string, why: string): WorkError {
  return new WorkError(`--model is not given, and ${address} lists no models: ${why}`, {
    code: 'missing-option',
    hint: /\/v1\/v1\//.test(address)
      ? 'remove /v1 from the end of the base URL, or name the model with --model'
      : 'check that the server is running and ready at that address, or name the model with --model',
  });
}
