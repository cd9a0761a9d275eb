import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { z } from 'zod';
import { TooLong, textWithin } from '../bounded-read.ts';
import { defined } from '../defined/defined.ts';
import { messageOf } from '../errors.ts';
import { reasonFor } from '../schema-words.ts';
import { timeoutSignal } from '../timeout-signal.ts';

/** A running engine from a client's point of view. */
export interface EvalTarget {
  /** Where it listens, such as `http://127.0.0.1:8000`; a path prefix is kept. */
  readonly baseUrl: string;
  /** The model name that the server expects. */
  readonly model: string;
  /** `chat` makes the server apply the model's chat template; `completions` sends the prompt as is. */
  readonly api: 'chat' | 'completions';
  /** Sent as a bearer token; never stored. */
  readonly apiKey?: string;
}

/** Why a question got no answer. */
export const askErrorClasses = ['cannot-connect', 'timeout', 'http-error', 'bad-reply'] as const;
export type AskErrorClass = (typeof askErrorClasses)[number];

/** Thrown if a question gets no answer. */
export class AskError extends Error {
  override readonly name = 'AskError';
  readonly errorClass: AskErrorClass;
  /** Whether the same question may succeed on a retry. */
  readonly transient: boolean;

  constructor(errorClass: AskErrorClass, message: string, transient: boolean) {
    super(message);
    this.errorClass = errorClass;
    this.transient = transient;
  }
}

export interface EvalAnswer {
  readonly text: string;
  /** The answer was cut off at its token limit. */
  readonly truncated: boolean;
  readonly outputTokens: number | undefined;
}

const choice = z.object({ finish_reason: z.string().nullish() });
const usage = z.object({ completion_tokens: z.int() }).nullish();
const content = z.object({ content: z.string().nullish() });
const chatReply = z.object({ choices: z.tuple([choice.extend({ message: content })]), usage });
const completionReply = z.object({ choices: z.tuple([choice.extend({ text: z.string() })]), usage });

/** The size limit of a reply, plus a part for each requested token. */
const replyBytes = 64 * 1024;
const tokenBytes = 256;

/** Greedy decoding, so that the same weights give the same answer. */
const greedy = { temperature: 0, stream: false };

/**
 * Asks one question and waits for the whole answer. Throws AskError, or the signal's reason if aborted. (Uses
 * `node:http` because `fetch` times out after five minutes, which is too short for long reasoning.)
 */
export async function ask(
  target: EvalTarget,
  question: { readonly prompt: string; readonly maxTokens: number; readonly stop: readonly string[] },
  { timeoutS, signal }: { readonly timeoutS: number; readonly signal: AbortSignal },
): Promise<EvalAnswer> {
  const { prompt, maxTokens, stop } = question;
  const common = {
    model: target.model,
    ...greedy,
    max_tokens: maxTokens,
    ...defined({ stop: stop.length > 0 ? stop : undefined }),
  };
  const limits = { timeoutS, signal, maxBytes: replyBytes + tokenBytes * maxTokens };
  if (target.api === 'completions') {
    const reply = await post(target, '/v1/completions', { ...common, prompt }, limits);
    const { choices, usage } = parse(completionReply, reply);
    return answer(choices[0].text, choices[0], usage);
  }
  const messages = [{ role: 'user', content: prompt }];
  const reply = await post(target, '/v1/chat/completions', { ...common, messages }, limits);
  const { choices, usage } = parse(chatReply, reply);
  // A reasoning model that was cut off while reasoning has no content.
  return answer(choices[0].message.content ?? '', choices[0], usage);
}

function answer(
  text: string,
  { finish_reason }: z.output<typeof choice>,
  counted: z.output<typeof usage>,
): EvalAnswer {
  return { text, truncated: finish_reason === 'length', outputTokens: counted?.completion_tokens };
}

function parse<T>(schema: z.ZodType<T>, reply: string): T {
  try {
    return schema.parse(JSON.parse(reply));
  } catch (error) {
    throw new AskError('bad-reply', `not an OpenAI API response: ${reasonFor(error)}`, false);
  }
}

interface ReplyLimits {
  readonly timeoutS: number;
  readonly signal: AbortSignal;
  readonly maxBytes: number;
}

async function post(
  target: EvalTarget,
  path: string,
  body: object,
  { timeoutS, signal, maxBytes }: ReplyLimits,
): Promise<string> {
  const url = `${target.baseUrl.replace(/\/+$/, '')}${path}`;
  const timeout = timeoutSignal(1000 * timeoutS);
  const send = url.startsWith('https:') ? httpsRequest : httpRequest;
  try {
    return await new Promise<string>((resolve, reject) => {
      const outgoing = send(url, {
        method: 'POST',
        signal: AbortSignal.any([signal, timeout]),
        headers: {
          'content-type': 'application/json',
          ...defined({ authorization: target.apiKey === undefined ? undefined : `Bearer ${target.apiKey}` }),
        },
      });
      outgoing.once('error', reject);
      outgoing.once('response', (response) => {
        textWithin(response, maxBytes).then((whole) => {
          const status = response.statusCode ?? 0;
          if (status === 200) resolve(whole);
          else reject(refused(status, whole));
        }, reject);
      });
      outgoing.end(JSON.stringify(body));
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AskError) throw error;
    if (error instanceof TooLong) throw new AskError('bad-reply', `the reply ${error.message}`, false);
    if (timeout.aborted) throw new AskError('timeout', `no answer within ${timeoutS} s`, false);
    throw new AskError('cannot-connect', `${url}: ${messageOf(error)}`, true);
  }
}

function refused(status: number, body: string): AskError {
  const transient = status === 429 || status >= 500;
  return new AskError('http-error', `HTTP ${status}: ${body.slice(0, 300).trim()}`, transient);
}
