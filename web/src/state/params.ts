/** How one value of a view is written in its address. */
export interface Param<Value> {
  readonly initial: Value;
  /** The value in an address, or undefined if it is missing or unknown to this view. */
  parse(text: string): Value | undefined;
  format(value: Value): string;
}

export type ParamSet = Readonly<Record<string, Param<unknown>>>;
export type ParamValues<Params extends ParamSet> = {
  readonly [Name in keyof Params]: Params[Name] extends Param<infer Value> ? Value : never;
};

export const text = (initial = ''): Param<string> => ({
  initial,
  parse: (written) => written,
  format: (value) => value,
});

export function oneOf<const Choice extends string>(
  choices: readonly Choice[],
  initial: NoInfer<Choice>,
): Param<Choice> {
  return {
    initial,
    parse: (written) => choices.find((choice) => choice === written),
    format: (value) => value,
  };
}

export const flag: Param<boolean> = {
  initial: false,
  parse: (written) => written === '1',
  format: (value) => (value ? '1' : ''),
};

/** The numbers that an address and the field for it accept. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** A number within bounds, or undefined if none is chosen. */
export function number({ min, max }: Bounds): Param<number | undefined> {
  return {
    initial: undefined,
    parse: (written) => {
      const value = written === '' ? Number.NaN : Number(written);
      return Number.isFinite(value) && value >= min && value <= max ? value : undefined;
    },
    format: (value) => (value === undefined ? '' : String(value)),
  };
}

const noWords: readonly string[] = [];

/** Several words; an address separates them by commas, and a comma inside one is escaped. */
export const words: Param<readonly string[]> = {
  initial: noWords,
  parse: (written) => (written === '' ? noWords : written.split(',').map(decodeURIComponent)),
  format: (value) => value.map((word) => word.replace(/[%,]/g, encodeURIComponent)).join(','),
};

/** The range that a chart shows: `x0,x1,y0,y1`. */
export type ZoomWindow = readonly [x0: number, x1: number, y0: number, y1: number];

export const zoom: Param<ZoomWindow | undefined> = {
  initial: undefined,
  parse: (written) => {
    const [x0 = Number.NaN, x1 = Number.NaN, y0 = Number.NaN, y1 = Number.NaN] = written
      .split(',')
      .map(Number);
    return [x0, x1, y0, y1].every(Number.isFinite) && x0 < x1 && y0 < y1 ? [x0, x1, y0, y1] : undefined;
  },
  format: (value) => (value ?? []).map((bound) => String(Number(bound.toPrecision(6)))).join(','),
};

/** Reads a query; missing and invalid parameters have their initial values. */
export function parseQuery<Params extends ParamSet>(params: Params, query: string): ParamValues<Params> {
  const asked = new URLSearchParams(query);
  const entries = Object.entries(params).map(([name, param]) => {
    const written = asked.get(name);
    return [name, (written === null ? undefined : safely(() => param.parse(written))) ?? param.initial];
  });
  return Object.fromEntries(entries);
}

/** Writes what differs from the initial values, in the order of the parameters, so that equal views have equal addresses. */
export function formatQuery<Params extends ParamSet>(params: Params, values: ParamValues<Params>): string {
  const query = new URLSearchParams();
  for (const [name, param] of Object.entries(params)) {
    const written = param.format(values[name]);
    if (written !== param.format(param.initial)) query.set(name, written);
  }
  // Slashes and commas need no escape in a fragment, and addresses are read by people.
  return query.toString().replaceAll('%2F', '/').replaceAll('%2C', ',').replaceAll('%3A', ':');
}

/** A truncated or edited address must not break the page. */
function safely<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
