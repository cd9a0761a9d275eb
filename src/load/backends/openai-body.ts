import type { EnvelopeSettings } from './backend.ts';

/** The fields that completion and chat requests share, as the end of a JSON object that has begun. */
export function openAiFields(settings: EnvelopeSettings): string {
  const { model, outputTokens, ignoreEos, sampling, perChunkUsage, extraBody } = settings;
  const fields = {
    model,
    max_tokens: outputTokens,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true, ...(perChunkUsage ? { continuous_usage_stats: true } : {}) },
    ...(ignoreEos ? { ignore_eos: true } : {}),
    ...sampling,
    ...extraBody,
  };
  return `,${JSON.stringify(fields).slice(1)}`;
}
