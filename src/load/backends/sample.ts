/** A complete reply as a server writes it; each text is one write. */
export interface SampleReply {
  readonly contentType: string;
  readonly writes: readonly string[];
}

/** The text of each token of a sample. */
export const sampleToken = ' word';

/** Events of a server-sent event stream. */
export function sampleEvents(events: readonly object[], end: readonly string[] = []): SampleReply {
  const data = [...events.map((event) => JSON.stringify(event)), ...end];
  return { contentType: 'text/event-stream; charset=utf-8', writes: data.map((text) => `data: ${text}\n\n`) };
}

/** Lines of JSON. */
export function sampleLines(values: readonly object[]): SampleReply {
  return { contentType: 'application/x-ndjson', writes: values.map((value) => `${JSON.stringify(value)}\n`) };
}

/** Calls `make` for each of the given number of tokens; `isLast` is true for the last one. */
export function eachToken<T>(tokens: number, make: (count: number, isLast: boolean) => T): T[] {
  return Array.from({ length: tokens }, (_, index) => make(index + 1, index + 1 === tokens));
}

const promptTokens = 8;

/** An OpenAI stream whose choices carry each token under the given name, with usage at the end. */
export function sampleOpenAi(
  id: string,
  tokens: number,
  choiceOf: (text: string) => object,
  object: string,
): SampleReply {
  const head = { id, object, created: 1_700_000_000, model: 'model' };
  const chunks = eachToken(tokens, (_, isLast) => ({
    ...head,
    choices: [
      {
        index: 0,
        ...choiceOf(sampleToken),
        logprobs: null,
        finish_reason: isLast ? 'length' : null,
        stop_reason: null,
      },
    ],
    usage: null,
  }));
  const usage = {
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + tokens,
    completion_tokens: tokens,
  };
  return sampleEvents([...chunks, { ...head, choices: [], usage }], ['[DONE]']);
}

/** A reply that is one JSON text. */
export function sampleJson(value: object): SampleReply {
  return { contentType: 'application/json', writes: [JSON.stringify(value)] };
}
