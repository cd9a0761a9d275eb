import type { GenerationEvent } from './generator.ts';

/**
 * Ends a generation before the first stop text, which may span several tokens: text that could start one is held back
 * until this is decided.
 */
export async function* untilStop(
  events: AsyncIterable<GenerationEvent>,
  stop: readonly string[],
): AsyncGenerator<GenerationEvent, void, undefined> {
  let held = '';
  let tokens = 0;
  for await (const event of events) {
    if (event.type === 'end') {
      if (held !== '') yield { type: 'token', text: held };
      yield event;
      return;
    }
    if (event.type === 'started') {
      yield event;
      continue;
    }
    tokens += 1;
    held += event.text;
    const found = stop.map((text) => held.indexOf(text)).filter((index) => index >= 0);
    if (found.length > 0) {
      const before = held.slice(0, Math.min(...found));
      if (before !== '') yield { type: 'token', text: before };
      yield { type: 'end', reason: 'stop', completionTokens: tokens };
      return;
    }
    const safe = held.length - startOfStop(held, stop);
    yield { type: 'token', text: held.slice(0, safe) };
    held = held.slice(safe);
  }
}

/** The number of characters at the end of a text that could start a stop text. */
function startOfStop(text: string, stop: readonly string[]): number {
  const longest = Math.min(text.length, Math.max(...stop.map(({ length }) => length - 1)));
  for (let length = longest; length > 0; length--) {
    const end = text.slice(-length);
    if (stop.some((candidate) => candidate.startsWith(end))) return length;
  }
  return 0;
}
