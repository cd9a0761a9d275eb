import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Store } from '../store/index.ts';

/** The server's metrics for Prometheus. */
export class ServerMetrics {
  readonly #registry = new Registry();
  readonly #requests = new Histogram({
    name: 'inferencemax_http_request_duration_seconds',
    help: 'Time to answer, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
    registers: [this.#registry],
  });
  readonly #refused = new Counter({
    name: 'inferencemax_http_requests_refused_total',
    help: 'Requests rejected by the rate limit.',
    registers: [this.#registry],
  });

  constructor(store: Store) {
    collectDefaultMetrics({ register: this.#registry });
    const rows = new Gauge({
      name: 'inferencemax_store_rows',
      help: 'Contents of the store: published measurements, runs and eval scores.',
      labelNames: ['kind'],
      registers: [this.#registry],
      collect: async () => {
        for (const [kind, count] of Object.entries(await store.counts())) rows.set({ kind }, count);
      },
    });
    const newest = new Gauge({
      name: 'inferencemax_store_newest_measurement_timestamp_seconds',
      help: 'Start time of the newest published measurement; 0 if there is none.',
      registers: [this.#registry],
      collect: async () => {
        const { items } = await store.points({}, { limit: 1 });
        newest.set(Date.parse(items[0]?.measuredAt ?? '1970-01-01T00:00:00Z') / 1000);
      },
    });
  }

  answered(method: string, route: string, status: number, seconds: number): void {
    this.#requests.observe({ method, route, status: String(status) }, seconds);
    if (status === 429) this.#refused.inc();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    return await this.#registry.metrics();
  }
}
