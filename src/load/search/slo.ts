/** The latencies that an SLO can limit: those that every reply has one of. */
export const sloMetrics = ['ttft', 'tpot', 'e2el'] as const;
export type SloMetric = (typeof sloMetrics)[number];

/** A service level objective: this percentile of a latency is at most the limit. */
export interface Slo {
  readonly metric: SloMetric;
  /** Above 0 and below 100: the share of requests that have to be within the limit, in percent. */
  readonly percentile: number;
  readonly limitMs: number;
}

/** Why a text is not an SLO; `column` counts from 1. */
export interface SloProblem {
  readonly column: number;
  readonly message: string;
}

const unitsMs: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000 };
const number = /^\d+(?:\.\d+)?/;

/** Reads an SLO such as `ttft:p99<500`, `ttft:p99<=0.5s` or, without a character to quote in a shell, `ttft:p99:500`. */
export function readSlo(text: string): Slo | SloProblem {
  let at = 0;
  const rest = (): string => text.slice(at);
  const problem = (message: string): SloProblem => ({
    column: at + 1,
    message: `${message}${found(rest())}`,
  });

  const name = /^[^:<=\s]*/.exec(rest())?.[0] ?? '';
  const metric = sloMetrics.find((one) => one === name);
  if (metric === undefined) return problem(`expected ${sloMetrics.join(', ')}${itlHint(name)}`);
  at += name.length;
  if (rest()[0] !== ':') return problem('expected a colon and a percentile, such as :p99');
  at += 1;
  if (rest()[0] !== 'p') return problem('expected a percentile, such as p99');
  const percentileText = number.exec(text.slice(at + 1))?.[0];
  const percentile = Number(percentileText);
  if (percentileText === undefined || !(percentile > 0 && percentile < 100))
    return problem('expected a percentile between p0 and p100, such as p99 or p99.9');
  at += 1 + percentileText.length;
  const operator = /^(?:<=?|:)/.exec(rest())?.[0];
  if (operator === undefined)
    return problem(`expected < and a limit, such as <500${rest() === '' ? ' (quote it in a shell)' : ''}`);
  at += operator.length;
  const limitText = number.exec(rest())?.[0];
  if (limitText === undefined || Number(limitText) === 0)
    return problem('expected a limit above 0, such as 500 or 0.5s');
  at += limitText.length;
  const factor = Object.hasOwn(unitsMs, rest()) ? unitsMs[rest()] : undefined;
  if (factor === undefined) return problem('expected the unit ms (the default) or s');
  return { metric, percentile, limitMs: Number(limitText) * factor };
}

function found(rest: string): string {
  return rest === '' ? ', but the text ends here' : `, not ${JSON.stringify(rest)}`;
}

function itlHint(name: string): string {
  return name === 'itl' ? ' (a reply has many gaps; tpot is their mean)' : '';
}

/** The canonical text of an SLO. */
export function sloText({ metric, percentile, limitMs }: Slo): string {
  return `${metric}:p${percentile}<${limitMs}`;
}

/** Which of several SLOs limit the same percentile of the same latency twice. */
export function repeatedSlo(slos: readonly Slo[]): Slo | undefined {
  return slos.find(
    (slo, index) =>
      slos.findIndex(({ metric, percentile }) => metric === slo.metric && percentile === slo.percentile) <
      index,
  );
}

/** The limits for a single request: for each latency, that of the highest percentile. */
export function requestLimits(slos: readonly Slo[]): { readonly [Metric in SloMetric]?: number } {
  return Object.fromEntries(
    slos
      .toSorted((a, b) => a.percentile - b.percentile)
      .map(({ metric, limitMs }): [SloMetric, number] => [metric, limitMs]),
  );
}
