import type { EnvelopeSettings } from './backend.ts';
import { restOfUsualBody } from './body.ts';

/** Newer servers of OpenAI's chat want `max_completion_tokens`, which all others do not know. */
export const openAiLimitField = 'max_tokens';

/** The fields that completion and chat requests share, and those of one of them, as the end of a JSON object. */
export function openAiFields(settings: EnvelopeSettings, own: Readonly<Record<string, unknown>>): string {
  const usage = { include_usage: true, continuous_usage_stats: settings.perChunkUsage || undefined };
  return restOfUsualBody(settings, openAiLimitField, { stream_options: usage, ...own });
}
