import type { Payer } from './cost.ts';

/** A figure of a month, such as `2026-08`, and its source. */
export interface DatedFigure {
  readonly value: number;
  readonly source: string;
  readonly asOf: string;
}

/** The newest value of a figure, and the earlier ones, newest first. */
export interface ChangingFigure extends DatedFigure {
  readonly before: readonly DatedFigure[];
}

/** The constants of a GPU that change over time; absent ones are unknown. */
export interface ChangingConstants {
  readonly allInPowerKw?: ChangingFigure | undefined;
  readonly usdPerGpuHour: Readonly<Partial<Record<Payer, ChangingFigure | undefined>>>;
}

/** The months in which any of the constants changed, newest first. */
export function monthsOfConstants(all: readonly ChangingConstants[]): readonly string[] {
  const months = all
    .flatMap(({ allInPowerKw, usdPerGpuHour }) => [allInPowerKw, ...Object.values(usdPerGpuHour)])
    .flatMap((figure) => (figure === undefined ? [] : [figure, ...figure.before]))
    .map(({ asOf }) => asOf);
  return [...new Set(months)].toSorted().reverse();
}

/**
 * The constants as they were known in a month: of each figure the newest value that is not later. Figures that no
 * source had stated by then are absent.
 */
export function constantsAsOf<Constants extends ChangingConstants>(
  constants: Constants,
  month: string,
): Constants {
  const of = (figure: ChangingFigure | undefined): ChangingFigure | undefined => {
    if (figure === undefined) return undefined;
    const [known, ...before] = [figure, ...figure.before].filter(({ asOf }) => asOf <= month);
    return known === undefined ? undefined : { ...known, before };
  };
  const { hyperscaler, neocloud, rental } = constants.usdPerGpuHour;
  return {
    ...constants,
    allInPowerKw: of(constants.allInPowerKw),
    usdPerGpuHour: { hyperscaler: of(hyperscaler), neocloud: of(neocloud), rental: of(rental) },
  };
}
