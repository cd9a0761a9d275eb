import { isPublished, type MetricNames } from '../telemetry/index.ts';
import type { Engine, EngineMetrics } from './engine.ts';
import { engines } from './list.ts';

/** An engine that publishes metrics. */
export type PublishingEngine = Engine & { readonly metrics: EngineMetrics };

/** Where engines publish metrics, each path once; the one that all kinds of programs have comes last. */
export const metricsPaths: readonly string[] = [
  ...new Set(engines.flatMap(({ metrics }) => (metrics === undefined ? [] : [metrics.path]))),
].toSorted((a, b) => Number(a === '/metrics') - Number(b === '/metrics'));

/** Who publishes an engine's metrics, for people. */
export function publisherOf({ title, metrics }: Pick<Engine, 'title' | 'metrics'>): string {
  return metrics?.publisher ?? title;
}

/** Everybody who publishes metrics that are known, for people. */
export const metricsPublishers: readonly string[] = [
  ...new Set(engines.filter(publishes).map((engine) => publisherOf(engine))),
];

/** How engines are told to publish metrics that they do not by themselves, in words. */
export const metricsEnabledBy: readonly string[] = engines.flatMap(({ title, metrics }) =>
  metrics?.enabledBy === undefined ? [] : [`${title}: ${metrics.enabledBy}`],
);

/** The engine whose names the metrics in a text have: of several, most of them. */
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
