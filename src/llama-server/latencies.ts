/** Upper limits of the buckets in seconds: powers of 1.5 from 0.1 ms to some minutes. */
const bounds: readonly number[] = Array.from({ length: 38 }, (_, power) =>
  Number((0.0001 * 1.5 ** power).toPrecision(3)),
);

/** A histogram of durations in Prometheus' form. */
class LatencyHistogram {
  readonly #counts = new Float64Array(bounds.length);
  #count = 0;
  #sumS = 0;

  observe(fromMs: number, toMs: number): void {
    const seconds = (toMs - fromMs) / 1000;
    const bucket = bounds.findIndex((bound) => seconds <= bound);
    if (bucket !== -1) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
    this.#sumS += seconds;
  }

  text(name: string, help: string): string {
    let upTo = 0;
    const buckets = bounds.map((bound, index) => {
      upTo += this.#counts[index] ?? 0;
      return `${name}_bucket{le="${bound}"} ${upTo}\n`;
    });
    return [
      `# HELP ${name} ${help}\n# TYPE ${name} histogram\n`,
      ...buckets,
      `${name}_bucket{le="+Inf"} ${this.#count}\n${name}_sum ${this.#sumS}\n${name}_count ${this.#count}\n`,
    ].join('');
  }
}

/**
 * Latencies of requests, from the time they were read. Abandoned requests count only in the phases that they completed.
 */
export class RequestLatencies {
  readonly ttft = new LatencyHistogram();
  readonly itl = new LatencyHistogram();
  readonly e2el = new LatencyHistogram();
  readonly queue = new LatencyHistogram();
  readonly prefill = new LatencyHistogram();
  readonly decode = new LatencyHistogram();

  /** In Prometheus format, under vLLM's names. */
  text(): string {
    return [
      this.ttft.text('llamacpp:time_to_first_token_seconds', 'From the request to its first token.'),
      this.itl.text('llamacpp:inter_token_latency_seconds', 'Between the tokens of a request.'),
      this.e2el.text('llamacpp:e2e_request_latency_seconds', 'From the request to its last token.'),
      this.queue.text('llamacpp:request_queue_time_seconds', 'Waiting for a sequence.'),
      this.prefill.text('llamacpp:request_prefill_time_seconds', 'From the sequence to the first token.'),
      this.decode.text('llamacpp:request_decode_time_seconds', 'From the first token to the last.'),
    ].join('');
  }
}
