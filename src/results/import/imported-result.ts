import { defined } from '../../defined/defined.ts';
import { type Claim, metrics } from './claim.ts';
import { believable } from './plausibility.ts';

/** A raw result as it is written (contract §4), in milliseconds; null means unknown. */
export type ImportedResult = Readonly<Record<string, unknown>>;

/** Above this share of failed requests a result is invalid; the same limit applies to our own tests. */
const mostFailed = 0.05;

/** The raw result of the plausible part of a claim; throws UnreadableError if there is none, see `believable`. */
export function importedResult(stated: Claim): {
  readonly result: ImportedResult;
  readonly doubts: readonly string[];
} {
  const { claim, doubts } = believable(stated);
  const { rates, durationS, completed, inputTokens, outputTokens, version } = claim;
  const total = inputTokens === null ? null : (rates.totalTokens ?? (inputTokens + outputTokens) / durationS);
  const result = {
    ...dated(claim.startedAt),
    backend: claim.backend,
    model_id: claim.model,
    tokenizer_id: claim.tokenizer,
    num_prompts: claim.asked,
    request_rate: claim.requestRate,
    burstiness: claim.burstiness,
    max_concurrency: claim.maxConcurrency,
    duration: durationS,
    completed,
    total_input_tokens: inputTokens,
    total_output_tokens: outputTokens,
    request_throughput: rates.requests ?? completed / durationS,
    ...defined({
      request_goodput: stated.rates.goodRequests === undefined ? undefined : (rates.goodRequests ?? null),
    }),
    output_throughput: rates.outputTokens ?? outputTokens / durationS,
    total_token_throughput: total,
    ...latencyFields(stated, claim),
    ...claim.kept,
    ...claim.detail,
    failed: claim.failed,
    source: { tool: claim.tool, ...defined({ version }) },
    fidelity: fidelityOf(claim, doubts),
    ...defined({ partial: claim.partial === true ? true : undefined }),
  };
  return { result, doubts };
}

function fidelityOf(claim: Claim, doubts: readonly string[]) {
  const { tool, completed, failed, asked } = claim;
  const failures =
    failed === null
      ? ['the number of failed requests is unknown']
      : failed > 0
        ? [`${failed} of ${failed + completed} requests failed`]
        : [];
  const isInvalid = completed === 0 || (failed !== null && failed > mostFailed * (failed + completed));
  const unsent =
    asked !== null && failed !== null && asked > completed + failed
      ? [`${asked - completed - failed} of ${asked} requests neither completed nor failed`]
      : [];
  const against = [
    ...(completed === 0 ? ['no request completed'] : []),
    ...(failed === null ? [] : failures),
    ...unsent,
    ...(claim.partial === true ? ['the test was stopped early'] : []),
    ...doubts,
  ];
  const reasons = [
    ...against,
    ...(failed === null ? failures : []),
    ...(claim.reasons ?? []),
    ...(against.length === 0 ? ['the counts, rates and latencies in the file agree'] : []),
    `measured by ${tool}, which does not record its measurement error`,
  ];
  return { verdict: isInvalid ? 'invalid' : against.length > 0 ? 'suspect' : 'unchecked', reasons };
}

/** The public date, `YYYYMMDD-HHMMSS` in local time, and our exact one. */
function dated(at: Date): { readonly date: string; readonly started_at: number } {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  const time = `${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
  return { date: `${day}-${time}`, started_at: at.getTime() / 1000 };
}

/**
 * `mean_ttft_ms` and so on, as stated; null if implausible. Minimum and maximum are not fields of the
 * contract.
 */
function latencyFields(stated: Claim, believed: Claim): Record<string, number | null> {
  const fields: Record<string, number | null> = {};
  for (const metric of metrics) {
    for (const name of Object.keys(stated.latencies[metric] ?? {})) {
      if (/^(?:mean|median|std|p[\d.]+)$/.test(name))
        fields[`${name}_${metric}_ms`] = believed.latencies[metric]?.[name] ?? null;
    }
  }
  return fields;
}
