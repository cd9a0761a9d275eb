import type { ThroughputPerGpu, TokenKind } from './throughput.ts';

/** Who pays: an owner at hyperscaler or neocloud scale, or a customer with a three-year rental. */
export const payers = ['hyperscaler', 'neocloud', 'rental'] as const;
/** The default, the same everywhere, so that the same question gets the same answer. */
export const defaultPayer = 'neocloud' satisfies (typeof payers)[number];

export type Payer = (typeof payers)[number];

/** The price of one GPU for an hour. */
export interface GpuPrice {
  /** $ per GPU-hour. */
  readonly usdPerGpuHour: number;
  /** Power that is paid separately. */
  readonly power?: { readonly usdPerKwh: number; readonly allInPowerKw: number };
}

/** $ per million tokens of the given kind. */
export interface CostPerMillion {
  readonly tokens: TokenKind;
  readonly dividedBy: ThroughputPerGpu['dividedBy'];
  readonly usd: number;
}

/**
 * $ per million tokens: $/h ÷ millions of tokens per GPU-hour (contract §8); null if the throughput is 0.
 *
 *     costPerMillion({ tokens: 'total', dividedBy: 'all', perGpu: 1000 }, { usdPerGpuHour: 3.6 })?.usd // 1
 */
export function costPerMillion(throughput: ThroughputPerGpu, price: GpuPrice): CostPerMillion | null {
  const { tokens, dividedBy, perGpu } = throughput;
  if (!(perGpu > 0)) return null;
  return { tokens, dividedBy, usd: hourUsd(price) / ((perGpu * 3600) / 1e6) };
}

/** Million tokens that a dollar buys; null without a price. */
export function millionTokensPerUsd(usdPerMillion: number | null): number | null {
  return usdPerMillion === null || usdPerMillion === 0 ? null : 1 / usdPerMillion;
}

/** The price of electricity that is assumed until a reader gives their own: the order of an industrial price. */
export const usualUsdPerKwh = 0.1;

/** $ of electricity per million tokens, from joules per token. */
export function electricityPerMillion(joulesPerToken: number, usdPerKwh: number): number {
  return (joulesPerToken * 1e6 * usdPerKwh) / 3.6e6;
}

function hourUsd({ usdPerGpuHour, power }: GpuPrice): number {
  return usdPerGpuHour + (power === undefined ? 0 : power.usdPerKwh * power.allInPowerKw);
}
