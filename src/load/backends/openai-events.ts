import type { EventReading } from './backend.ts';
import { fieldOf, numberAt, objectAt, stringAt } from './json-fields.ts';

/** Reads the parts that completion and chat events share; `textOf` finds the new text in the first choice. */
export function readOpenAiEvent(event: unknown, textOf: (choice: unknown) => string): EventReading {
  const error = fieldOf(event, 'error');
  if (error !== undefined && error !== null) {
    return { text: '', error: stringAt(error, 'message') ?? JSON.stringify(error) };
  }
  const choices = fieldOf(event, 'choices');
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const usage = objectAt(event, 'usage');
  const completionTokens = numberAt(usage, 'completion_tokens');
  const promptTokens = numberAt(usage, 'prompt_tokens');
  return {
    text: textOf(choice),
    ...(completionTokens === undefined ? {} : { completionTokens }),
    ...(promptTokens === undefined ? {} : { promptTokens }),
    ...(stringAt(choice, 'finish_reason') === undefined ? {} : { finished: true }),
  };
}
