import type { EnvelopeSettings } from './backend.ts';
import { restOfBody } from './body.ts';

/** Newer servers of OpenAI's chat want `max_completion_tokens`, which all others do not know. */
export const openAiLimitField = 'max_tokens';

/** The fields that completion and chat requests share, and those of one of them, as the end of a JSON object. */
export function openAiFields(settings: EnvelopeSettings, own: Readonly<Record<string, unknown>>): string {
  const {
    model,
    outputTokens,
    ignoreEos,
    sampling,
    perChunkUsage,
    tokenLimitField = openAiLimitField,
  } = settings;
  const fields = {
    model,
    [tokenLimitField]: outputTokens,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true, continuous_usage_stats: perChunkUsage || undefined },
    ignore_eos: ignoreEos || undefined,
    ...own,
    ...sampling,
  };
  return restOfBody(fields, settings);
}
