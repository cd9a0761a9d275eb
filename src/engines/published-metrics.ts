import { isPublished, type MetricNames } from '../telemetry/index.ts';
import type { Engine, EngineMetrics } from './engine.ts';
import { engines } from './list.ts';

/** An engine that exposes metrics. */
export type PublishingEngine = Engine & { readonly metrics: EngineMetrics };

/** Paths where engines expose metrics, without duplicates; the generic one, used by many programs, comes last. */
export const metricsPaths: readonly string[] = [
  ...new Set(engines.flatMap(({ metrics }) => (metrics === undefined ? [] : [metrics.path]))),
].toSorted((a, b) => Number(a === '/metrics') - Number(b === '/metrics'));

/** The display name of the program that exposes an engine's metrics. */
export function publisherOf({ title, metrics }: Pick<Engine, 'title' | 'metrics'>): string {
  return metrics?.publisher ?? title;
}

/** Display names of all programs whose metrics are known. */
export const metricsPublishers: readonly string[] = [
  ...new Set(engines.filter(publishes).map((engine) => publisherOf(engine))),
];

/** How to enable metrics for engines that do not expose them by default. */
export const metricsEnabledBy: readonly string[] = engines.flatMap(({ title, metrics }) =>
  metrics?.enabledBy === undefined ? [] : [`${title}: ${metrics.enabledBy}`],
);

/** The engine whose metric names a text contains; the one with most matches. */
export function engineOfMetrics(texts: readonly string[]): PublishingEngine | undefined {
  const counted = engines.filter(publishes).map((engine) => ({
    engine,
    names: publishedNames(texts, engine.metrics),
  }));
  const [best] = counted.filter(({ names }) => names > 0).toSorted((a, b) => b.names - a.names);
  return best?.engine;
}

function publishes(engine: Engine): engine is PublishingEngine {
  return engine.metrics !== undefined;
}

/** How many of an engine's metrics are in a text. */
export function publishedNames(texts: readonly string[], { names, latencies = {} }: MetricNames): number {
  return [...Object.values(names), ...Object.values(latencies)].filter((name) => isPublished(texts, name))
    .length;
}
