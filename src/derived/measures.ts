import {
  costPerMillion,
  electricityPerMillion,
  type GpuPrice,
  millionTokensPerUsd,
  type Payer,
  payers,
  usualUsdPerKwh,
} from './cost.ts';
import type { Better } from './frontier.ts';
import type { MetricName } from './metrics.ts';
import { joulesPerToken, tokensPerSPerMw } from './power.ts';
import {
  type GpuCounts,
  overAllGpus,
  type ThroughputPerGpu,
  type TokenKind,
  tokenKinds,
} from './throughput.ts';

/** The constants of one GPU; entries of `hardware/` have this shape. */
export interface GpuFigures {
  /** Absent if unknown, like the prices. */
  readonly allInPowerKw?: { readonly value: number } | undefined;
  readonly specs?: { readonly tdpW?: { readonly value: number } | undefined } | undefined;
  readonly usdPerGpuHour: Readonly<Partial<Record<Payer, { readonly value: number } | undefined>>>;
}

/** A point as input of a measure. */
export interface MeasureInput {
  /** Null if the point does not have this figure. */
  metric(name: MetricName): number | null;
  readonly gpus: GpuCounts;
  /** Null for unknown hardware, which has no cost and no power. */
  readonly gpu: GpuFigures | null;
}

/**
 * A value for an axis of a chart: key, label, unit, direction and value in one object, so that they agree.
 */
export interface Measure {
  readonly key: string;
  readonly label: string;
  /** A shorter label for lists with little room, if the label is long. */
  readonly short?: string;
  readonly unit: string;
  readonly better: Better;
  /** The role whose GPUs alone divide it, if the point is disaggregated. */
  readonly role?: 'prefill' | 'decode';
  /** Whose prices it uses. */
  readonly payer?: Payer;
  readonly of: (point: MeasureInput) => number | null;
  /** For a measured quantity: a modelled one that is drawn next to it. They cover different things. */
  readonly modelled?: Measure;
}

/** The price to use: that of a payer, by the constants of each GPU, or a single price for every GPU. */
export type Pricing =
  | { readonly payer: Payer }
  | { readonly usdPerGpuHour: number; readonly usdPerKwh?: number };

const roles = { input: { role: 'prefill' }, output: { role: 'decode' }, total: {} } as const;

function roleOf(tokens: TokenKind, dividedBy: ThroughputPerGpu['dividedBy'] = 'own'): Pick<Measure, 'role'> {
  return dividedBy === 'all' ? roles.total : roles[tokens];
}

/** Throughput per GPU, tok/s/GPU. */
export function throughputMeasure(tokens: TokenKind): Measure {
  return {
    key: `${tokens}-tput`,
    label: `${capital(tokens)} throughput per GPU`,
    unit: 'tok/s/GPU',
    better: 'higher',
    ...roleOf(tokens),
    of: (point) => throughputOf(point, tokens)?.perGpu ?? null,
  };
}

/** Throughput per megawatt of all-in power, tok/s/MW. */
export function perMegawattMeasure(tokens: TokenKind): Measure {
  return {
    key: `${tokens}-per-mw`,
    label: `${capital(tokens)} throughput per MW`,
    unit: 'tok/s/MW',
    better: 'higher',
    ...roleOf(tokens),
    of: (point) => {
      const throughput = throughputOf(point, tokens);
      const power = point.gpu?.allInPowerKw;
      return throughput === null || power === undefined ? null : tokensPerSPerMw(throughput, power.value);
    },
  };
}

/**
 * Energy per token from the all-in power of the GPU, a constant, J/token. With `dividedBy: 'all'`, all GPUs of a
 * disaggregated point count, as they do in its measured energy; with `own`, like the public figure, only those of the role.
 */
export function energyMeasure(tokens: TokenKind, dividedBy: ThroughputPerGpu['dividedBy'] = 'own'): Measure {
  const isOfAll = dividedBy === 'all';
  return {
    key: `${tokens}-energy${isOfAll ? '-all-gpus' : ''}`,
    label: `All-in energy per ${wordOf(tokens)}token${isOfAll ? ' of all GPUs' : ''}, modelled`,
    short: capital(`${wordOf(tokens)}energy, modelled, all-in`),
    unit: 'J/token',
    better: 'lower',
    ...roleOf(tokens, dividedBy),
    of: (point) => {
      const throughput = throughputOf(point, tokens);
      const power = point.gpu?.allInPowerKw;
      if (throughput === null || power === undefined) return null;
      return joulesPerToken(isOfAll ? overAllGpus(throughput, point.gpus) : throughput, power.value);
    },
  };
}

/** Power of one GPU with its share of host, network and cooling, a constant, W. */
const modelledPowerMeasure: Measure = {
  key: 'modelled-power',
  label: 'All-in power per GPU, modelled',
  unit: 'W/GPU',
  better: 'lower',
  of: ({ gpu }) => (gpu?.allInPowerKw === undefined ? null : 1000 * gpu.allInPowerKw.value),
};

/** Measured power per GPU, without its share of host, network and cooling, W. */
export const measuredPowerMeasure: Measure = {
  key: 'measured-power',
  label: 'Measured GPU power',
  unit: 'W/GPU',
  better: 'lower',
  of: (point) => point.metric('measuredPowerPerGpuW'),
  modelled: modelledPowerMeasure,
};

/** Measured power per GPU as a share of the vendor's board power, percent. */
export const powerShareMeasure: Measure = {
  key: 'measured-power-share',
  label: 'Measured GPU power as a share of board power (TDP)',
  short: 'GPU power, share of TDP',
  unit: '%',
  better: 'lower',
  of: ({ metric, gpu }) => {
    const [powerW, tdp] = [metric('measuredPowerPerGpuW'), gpu?.specs?.tdpW];
    return powerW === null || tdp === undefined ? null : (100 * powerW) / tdp.value;
  },
};

/** Energy per request of all GPUs of the point, Wh. */
export const requestEnergyMeasure: Measure = {
  key: 'request-measured-energy',
  label: 'GPU energy per request, measured',
  short: 'Energy per request, GPU',
  unit: 'Wh/request',
  better: 'lower',
  of: ({ metric }) => {
    const joules = metric('energyPerRequestJ');
    return joules === null ? null : joules / 3600;
  },
};

/** The phases of a disaggregated point, with the tokens that each is for. */
const phases = [
  { role: 'prefill', tokens: 'input', power: 'prefillPowerPerGpuW' },
  { role: 'decode', tokens: 'output', power: 'decodePowerPerGpuW' },
] as const;
type Phase = (typeof phases)[number];

/** Measured power per GPU of a phase, W. */
function phasePowerMeasure({ role, power }: Phase): Measure {
  return {
    key: `${role}-measured-power`,
    label: `Measured power of ${role} GPUs`,
    unit: 'W/GPU',
    better: 'lower',
    of: ({ metric }) => metric(power),
  };
}

/** Energy of a phase's GPUs per token of that phase, J/token. */
function phaseEnergyMeasure({ role, tokens, power }: Phase): Measure {
  return {
    key: `${role}-measured-energy`,
    label: `Energy of ${role} GPUs per ${tokens} token, measured`,
    short: capital(`${role} energy, measured`),
    unit: 'J/token',
    better: 'lower',
    of: (point) => {
      // Like the power, the throughput of these tokens is per GPU of the phase.
      const [throughput, powerW] = [throughputOf(point, tokens), point.metric(power)];
      return throughput === null || powerW === null ? null : joulesPerToken(throughput, powerW / 1000);
    },
  };
}

/** Measured power of the whole machines, per GPU, W. */
export const hostPowerMeasure: Measure = {
  key: 'measured-host-power',
  label: 'Measured power of the whole machine per GPU',
  short: 'Machine power per GPU',
  unit: 'W/GPU',
  better: 'lower',
  of: ({ metric, gpus }) => {
    const powerW = metric('hostPowerW');
    return powerW === null ? null : powerW / gpus.total;
  },
  modelled: modelledPowerMeasure,
};

/** Energy per token from the measured power of the whole machines, J/token. */
export function hostEnergyMeasure(tokens: TokenKind): Measure {
  return {
    key: `${tokens}-host-energy`,
    label: `Energy of the whole machine per ${wordOf(tokens)}token, measured`,
    short: capital(`${wordOf(tokens)}energy, machine`),
    unit: 'J/token',
    better: 'lower',
    of: (point) => {
      const [throughput, powerW] = [throughputOf(point, tokens), hostPowerMeasure.of(point)];
      if (throughput === null || powerW === null) return null;
      return joulesPerToken(overAllGpus(throughput, point.gpus), powerW / 1000);
    },
    modelled: energyMeasure(tokens, 'all'),
  };
}

/** Energy per token from the measured power of all GPUs of the point, without their hosts, J/token. */
export function measuredEnergyMeasure(tokens: TokenKind): Measure {
  return {
    key: `${tokens}-measured-energy`,
    label: `GPU energy per ${wordOf(tokens)}token, measured`,
    short: capital(`${wordOf(tokens)}energy, measured, GPU`),
    unit: 'J/token',
    better: 'lower',
    of: (point) => {
      const throughput = throughputOf(point, tokens);
      const powerW = point.metric('measuredPowerPerGpuW');
      if (throughput === null || powerW === null) return null;
      return joulesPerToken(overAllGpus(throughput, point.gpus), powerW / 1000);
    },
    modelled: energyMeasure(tokens, 'all'),
  };
}

/** Electricity per million tokens at the measured power of the GPUs, without their hosts, $/M tokens. */
export function electricityMeasure(tokens: TokenKind, usdPerKwh: number): Measure {
  const energy = measuredEnergyMeasure(tokens);
  return {
    key: `${tokens}-electricity`,
    label: `Electricity of the GPUs per million ${wordOf(tokens)}tokens at measured power and ${usdPerKwh} $/kWh`,
    short: capital(`${wordOf(tokens)}electricity, GPU`),
    unit: '$/M tokens',
    better: 'lower',
    of: (point) => {
      const joules = energy.of(point);
      return joules === null ? null : electricityPerMillion(joules, usdPerKwh);
    },
  };
}

/**
 * With `dividedBy: 'all'`, all GPUs of a disaggregated point are charged for the tokens; with `own`, like the
 * public figure, only the GPUs of the role.
 */
export function costMeasure(
  tokens: TokenKind,
  pricing: Pricing,
  dividedBy: ThroughputPerGpu['dividedBy'] = 'own',
): Measure {
  const payer = 'payer' in pricing ? pricing.payer : 'custom';
  return {
    key: `${tokens}-cost-${payer}${dividedBy === 'all' ? '-all-gpus' : ''}`,
    label: `Cost per million ${wordOf(tokens)}tokens (${payerLabels[payer]}${dividedBy === 'all' ? ', all GPUs' : ''})`,
    short: capital(`${wordOf(tokens)}cost, ${shortPayers[payer]}`),
    unit: '$/M tokens',
    better: 'lower',
    ...roleOf(tokens, dividedBy),
    ...pricedBy(pricing),
    of: (point) => {
      const own = throughputOf(point, tokens);
      const price = priceOf(point, pricing);
      if (own === null || price === null) return null;
      return costPerMillion(dividedBy === 'all' ? overAllGpus(own, point.gpus) : own, price)?.usd ?? null;
    },
  };
}

/** Million tokens per dollar: the inverse of the cost. */
export function tokensPerDollarMeasure(tokens: TokenKind, pricing: Pricing): Measure {
  const cost = costMeasure(tokens, pricing);
  const payer = 'payer' in pricing ? pricing.payer : 'custom';
  return {
    key: `${tokens}-per-dollar-${payer}`,
    label: `Million ${wordOf(tokens)}tokens per dollar (${payerLabels[payer]})`,
    short: capital(`${wordOf(tokens)}tokens/$, ${shortPayers[payer]}`),
    unit: 'M tokens/$',
    better: 'higher',
    ...roleOf(tokens),
    of: (point) => millionTokensPerUsd(cost.of(point)),
  };
}

const shortPayers: Readonly<Record<Payer | 'custom', string>> = {
  hyperscaler: 'hyperscaler',
  neocloud: 'neocloud',
  rental: '3-year rental',
  custom: 'own price',
};

export const payerLabels: Readonly<Record<Payer | 'custom', string>> = {
  hyperscaler: 'owner at hyperscaler scale',
  neocloud: 'owner at neocloud scale',
  rental: '3-year rental',
  custom: 'own price',
};

type Statistic = 'median' | 'p90' | 'p99';

export const statistics: readonly Statistic[] = ['median', 'p90', 'p99'];

/** Interactivity, tok/s/user. */
export function interactivityMeasure(statistic: Statistic): Measure {
  const metric = `${statistic}Interactivity` as const;
  return measured(
    `${statistic}-interactivity`,
    metric,
    `${capital(statistic)} interactivity`,
    'tok/s/user',
    'higher',
  );
}

/** A latency: TTFT and E2EL in seconds, TPOT and ITL in milliseconds. */
export function latencyMeasure(statistic: Statistic, latency: 'Ttft' | 'Tpot' | 'Itl' | 'E2el'): Measure {
  const name = {
    Ttft: 'time to first token',
    Tpot: 'time per output token',
    Itl: 'gap between tokens',
    E2el: 'end-to-end latency',
  }[latency];
  const key = `${statistic}-${latency.toLowerCase()}`;
  const label = `${capital(statistic)} ${name}`;
  const metric = `${statistic}${latency}Ms` as const;
  if (latency === 'Tpot' || latency === 'Itl') return measured(key, metric, label, 'ms', 'lower');
  // Times that users wait for are shown in seconds, times between tokens in milliseconds.
  const seconds = (point: MeasureInput) => {
    const ms = point.metric(metric);
    return ms === null ? null : ms / 1000;
  };
  return { key, label, unit: 's', better: 'lower', of: seconds };
}

/** Requests per second and GPU that were within all limits of their measurement. */
export const goodputMeasure: Measure = {
  key: 'goodput',
  label: 'Goodput per GPU (requests within the limits of a point)',
  short: 'Goodput per GPU',
  unit: 'req/s/GPU',
  better: 'higher',
  of: (point) => point.metric('goodputPerGpu'),
};

/** The share of such requests, in percent. */
export const attainmentMeasure: Measure = {
  key: 'slo-attainment',
  label: 'SLO attainment (share of requests within the limits of a point)',
  short: 'SLO attainment',
  unit: '%',
  better: 'higher',
  of: percentOf('sloAttainment'),
};

/** Output tokens of a request of a replayed session divided by its E2EL, tok/s/user. */
export function e2eInteractivityMeasure(statistic: 'median' | 'p90'): Measure {
  return {
    ...measured(
      `${statistic}-e2e-interactivity`,
      `${statistic}E2eInteractivity`,
      `${capital(statistic)} end-to-end normalized interactivity`,
      'tok/s/user',
      'higher',
    ),
    short: `${capital(statistic)} E2E interactivity`,
  };
}

/** The share of prompt tokens from the server's prefix cache, in percent. */
export const cachedShareMeasure: Measure = {
  key: 'cached-share',
  label: 'Prompt tokens from the prefix cache',
  short: 'Cached prompt tokens',
  unit: '%',
  better: 'higher',
  of: percentOf('cachedPromptShare'),
};

/** A share between 0 and 1, in percent. */
function percentOf(metric: MetricName): Measure['of'] {
  return (point) => {
    const share = point.metric(metric);
    return share === null ? null : 100 * share;
  };
}

/** Mean tokens per verification step of speculative decoding, the model's own token included. */
export const acceptanceLengthMeasure: Measure = {
  ...measured(
    'acceptance-length',
    'acceptanceLength',
    'Acceptance length (mean tokens per verification step)',
    'tokens/step',
    'higher',
  ),
  short: 'Acceptance length',
};

function measured(key: string, metric: MetricName, label: string, unit: string, better: Better): Measure {
  return { key, label, unit, better, of: (point) => point.metric(metric) };
}

/** All y-axis measures that depend only on the kind of tokens and the payer. */
export const yMeasures: readonly Measure[] = [
  ...tokenKinds.map(throughputMeasure),
  ...tokenKinds.map(perMegawattMeasure),
  ...tokenKinds.map((tokens) => energyMeasure(tokens)),
  ...tokenKinds.map(measuredEnergyMeasure),
  requestEnergyMeasure,
  measuredPowerMeasure,
  powerShareMeasure,
  ...phases.flatMap((phase) => [phasePowerMeasure(phase), phaseEnergyMeasure(phase)]),
  hostPowerMeasure,
  ...tokenKinds.map(hostEnergyMeasure),
  ...tokenKinds.map((tokens) => electricityMeasure(tokens, usualUsdPerKwh)),
  ...payers.flatMap((payer) => tokenKinds.map((tokens) => costMeasure(tokens, { payer }))),
  ...payers.flatMap((payer) => tokenKinds.map((tokens) => tokensPerDollarMeasure(tokens, { payer }))),
  goodputMeasure,
  attainmentMeasure,
  cachedShareMeasure,
  acceptanceLengthMeasure,
];

/** All x-axis measures. */
export const xMeasures: readonly Measure[] = [
  ...statistics.map(interactivityMeasure),
  ...statistics.map((statistic) => latencyMeasure(statistic, 'E2el')),
  ...statistics.map((statistic) => latencyMeasure(statistic, 'Ttft')),
  e2eInteractivityMeasure('p90'),
  e2eInteractivityMeasure('median'),
];

function throughputOf(point: MeasureInput, tokens: TokenKind): ThroughputPerGpu | null {
  const perGpu = point.metric(`${tokens}TputPerGpu`);
  return perGpu === null ? null : { tokens, dividedBy: tokens === 'total' ? 'all' : 'own', perGpu };
}

function pricedBy(pricing: Pricing): Pick<Measure, 'payer'> {
  return 'payer' in pricing ? { payer: pricing.payer } : {};
}

function priceOf({ gpu }: MeasureInput, pricing: Pricing): GpuPrice | null {
  if ('payer' in pricing) {
    const price = gpu?.usdPerGpuHour[pricing.payer];
    return price === undefined ? null : { usdPerGpuHour: price.value };
  }
  const { usdPerGpuHour, usdPerKwh = 0 } = pricing;
  if (usdPerKwh === 0) return { usdPerGpuHour };
  const power = gpu?.allInPowerKw;
  return power === undefined ? null : { usdPerGpuHour, power: { usdPerKwh, allInPowerKw: power.value } };
}

function wordOf(tokens: TokenKind): string {
  return tokens === 'total' ? '' : `${tokens} `;
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
