import type { ThroughputPerGpu, TokenKind } from './throughput.ts';

/** Who pays: the owner at a hyperscaler's or a neocloud's scale, or who rents for three years. */
export const payers = ['hyperscaler', 'neocloud', 'rental'] as const;
/** Where nobody says: the same in every place, so that one question has one answer. */
export const defaultPayer = 'neocloud' satisfies (typeof payers)[number];

export type Payer = (typeof payers)[number];

/** What an hour of one GPU costs. */
export interface GpuPrice {
  /** $ per GPU and hour. */
  readonly usdPerGpuHour: number;
  /** Power that is paid for beside it. */
  readonly power?: { readonly usdPerKwh: number; readonly allInPowerKw: number };
}

/** $ per million tokens of the kind it names. */
export interface CostPerMillion {
  readonly tokens: TokenKind;
  readonly dividedBy: ThroughputPerGpu['dividedBy'];
  readonly usd: number;
}

/** $/h ÷ millions of tokens per hour and GPU (contract §8); null where nothing was produced. */
export function costPerMillion(throughput: ThroughputPerGpu, price: GpuPrice): CostPerMillion | null {
  const { tokens, dividedBy, perGpu } = throughput;
  if (!(perGpu > 0)) return null;
  return { tokens, dividedBy, usd: hourUsd(price) / ((perGpu * 3600) / 1e6) };
}

function hourUsd({ usdPerGpuHour, power }: GpuPrice): number {
  return usdPerGpuHour + (power === undefined ? 0 : power.usdPerKwh * power.allInPowerKw);
}
