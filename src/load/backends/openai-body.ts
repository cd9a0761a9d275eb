import type { EnvelopeSettings } from './backend.ts';
import { restOfUsualBody } from './body.ts';

/** OpenAI's newer chat models expect `max_completion_tokens`, which other servers do not know. */
export const openAiLimitField = 'max_tokens';

/** The fields shared by completion and chat requests, plus `own` ones, as the end of a JSON object. */
export function openAiFields(settings: EnvelopeSettings, own: Readonly<Record<string, unknown>>): string {
  const usage = { include_usage: true, continuous_usage_stats: settings.perChunkUsage || undefined };
  return restOfUsualBody(settings, openAiLimitField, { stream_options: usage, ...own });
}
