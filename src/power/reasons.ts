/** Why measured power cannot be used: the codes of the public contract (F11, schema version 2), and what each means. */
export const powerReasons = {
  power_artifacts_missing: 'there is no folder with power samples of the nodes',
  manifest_missing: 'the folder with the power samples has no manifest.json',
  producer_pin_missing: 'the commit that the samples must come from is not given',
  producer_commit_mismatch: 'the samples were written by a different commit of the producer than expected',
  manifest_malformed: 'manifest.json cannot be read',
  package_recompute_invalid: 'manifest, samples and windows contradict each other',
  producer_verdict_mismatch: 'the verdict of the producer differs from the one computed from the files',
  topology_env_mismatch: 'the numbers of prefill and decode GPUs are not the requested ones',
  window_for_result_missing:
    'there is not exactly one completed window with the concurrency of the benchmark result',
  measurement_window_result_missing: 'the benchmark result that the window names cannot be read',
  result_content_mismatch: 'the benchmark result differs from the one that the window names',
  measurement_window_result_mismatch: 'the times in the benchmark result differ from those of the window',
  non_finite_power_metric: 'the samples are too large to add up',
  profile_artifacts_missing: 'the exports of the agentic run are missing',
  profile_artifacts_invalid: 'the exports of the agentic run cannot be read',
  profile_window_missing: 'the summary of the agentic run has no start or no end',
  profile_window_invalid: 'the start and end in the summary of the agentic run are not two times in order',
  profile_timezone_offset_missing:
    'the summary has times without a zone, and the offset from UTC was not recorded at the start',
  profile_timezone_offset_invalid: 'the recorded offset from UTC is invalid; expected one such as +02:00',
  successful_request_count_invalid: 'no request of the agentic run succeeded',
  incomplete_token_accounting: 'a successful request has no token counts, or there are no tokens',
  invalid_benchmark_result: 'the benchmark result is not a JSON object',
  invalid_benchmark_window: 'the benchmark result has no usable start and end',
  benchmark_duration_mismatch: 'the duration differs from end minus start by more than 0.5 s and 1 %',
  invalid_successful_query_count: 'no request was completed',
  invalid_input_token_count: 'the number of input tokens is not above 0',
  invalid_output_token_count: 'the number of output tokens is not above 0',
  telemetry_file_missing: 'there is no file of power samples',
  telemetry_file_empty: 'the file of power samples is empty',
  telemetry_file_unreadable: 'the file of power samples cannot be read',
  timestamp_column_missing: 'the samples have no column with the time',
  power_column_missing: 'the samples have no column with the power',
  gpu_identity_column_missing: 'the samples have no column that names the GPU',
  invalid_timestamp_sample: 'the time of a sample cannot be read',
  invalid_power_sample: 'the power of a sample within 3 s of the benchmark cannot be read',
  gpu_identity_missing: 'a sample does not name its GPU',
  no_usable_power_samples: 'no sample can be used',
  invalid_expected_gpu_count: 'the expected number of GPUs is not above 0',
  expected_gpu_count_mismatch: 'the samples cover a different number of GPUs than expected',
  insufficient_power_samples: 'a GPU has fewer than two samples',
  benchmark_window_not_bracketed: 'the samples of a GPU begin after the start or end before the end',
  sampling_gap_exceeded: 'a GPU was not sampled for more than 3 s of the benchmark',
  aggregation_internal_error: 'the power could not be computed; the audit says what went wrong',
  aggregate_result_missing: 'there is no row to add power to',
  aggregate_result_unwritable: 'the row is not a JSON object',
} as const;

export type PowerReason = keyof typeof powerReasons;

/** Each reason once, in the order in which they were found. */
export function eachOnce(reasons: Iterable<PowerReason>): readonly PowerReason[] {
  return [...new Set(reasons)];
}
