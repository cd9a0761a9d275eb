import {
  type EngineQuantity,
  engineQuantities,
  namesOf,
  type PublishedName,
} from '../server/metric-names.ts';
import { presentName, samplesOf } from '../server/samples.ts';
import { type Reading, readingsOf, type TelemetrySource } from '../source.ts';

/** The engine's own metrics in Prometheus format, from the address that the load generator uses or the user gives. */
export const engineMetrics: TelemetrySource = {
  name: 'engine',
  subject: 'engine',
  // Each answer blocks the loop that sends tokens for a few milliseconds.
  intervalS: 2,
  open: ({ metrics }) => {
    if (metrics === undefined) return undefined;
    const { places, names } = metrics;
    const sampled = engineQuantities.flatMap((quantity) => {
      const name = names[quantity];
      return name === undefined ? [] : [{ quantity, name }];
    });
    return async (timeoutMs) => {
      const texts = await Promise.all(places.map(async ({ read }) => await read(timeoutMs)));
      const values = sampled.map(({ quantity, name }) => [quantity, metricValue(texts, name, quantity)]);
      const readings: Reading[] = readingsOf('engine', Object.fromEntries(values));
      if (readings.length === 0) {
        const where = places.map(({ url }) => url).join(', ');
        throw new Error(`${where} has none of ${sampled.flatMap(({ name }) => namesOf(name)).join(', ')}`);
      }
      return readings;
    };
  },
};

/**
 * A metric's value over all its label sets (an engine's data-parallel ranks): the sum, the maximum for a share of a
 * cache, or the mean for the acceptance of drafts. Undefined if the text does not contain the metric.
 */
function metricValue(
  texts: readonly string[],
  name: PublishedName,
  quantity: EngineQuantity,
): number | undefined {
  const present = presentName(texts, name);
  if (present === undefined) return undefined;
  const values = samplesOf(texts, present).map(({ value }) => value);
  if (quantity === 'kvCacheUsage') return Math.max(...values);
  const sum = values.reduce((total, value) => total + value, 0);
  return quantity === 'specAcceptance' || quantity === 'specAcceptanceLength' ? sum / values.length : sum;
}
