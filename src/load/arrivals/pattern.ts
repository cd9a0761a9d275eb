import type { Stage } from './rate-profile.ts';

/** Parses a decimal number like every command-line option; undefined for any other text. */
export type ReadNumber = (text: string) => number | undefined;

/** A command-line option of a pattern. Its key in the table is the flag's name in camel case. */
export interface ArrivalOption<T> {
  /** Including the name of the value, e.g. `--ramp-up-duration <seconds>`. */
  readonly flags: string;
  readonly help: string;
  /** What the option accepts, for the error message. */
  readonly expected: string;
  /** The default value, and how the help shows it; undefined if there is none. */
  readonly initial: T;
  readonly shown?: string;
  /** The only accepted values, if there are few. */
  readonly choices?: readonly string[];
  /** Names of options that cannot be combined with it. */
  readonly excludes?: readonly string[];
  /** The value of a text; undefined if the text is invalid. */
  read(text: string, decimal: ReadNumber): T | undefined;
}

export type ArrivalOptionTable = Readonly<Record<string, ArrivalOption<unknown>>>;

type ValueOf<T> = T extends ArrivalOption<infer V> ? V : never;

/** The values of a table's options. Options without a default may be missing. */
export type OptionValues<T> = {
  readonly [K in keyof T as undefined extends ValueOf<T[K]> ? never : K]: ValueOf<T[K]>;
} & {
  readonly [K in keyof T as undefined extends ValueOf<T[K]> ? K : never]?: Exclude<ValueOf<T[K]>, undefined>;
};

/** The requests that arrivals are needed for. */
export interface AskedRequests {
  /** Over all shards. */
  readonly numPrompts: number;
  /** The number of equal shards that send them; each uses its part of the rates. */
  readonly shards: number;
}

/** How a raw result states when requests were sent. */
export interface RecordedArrivals {
  /** Requests per second, if there was one rate throughout. */
  readonly rate?: number;
  /** Shape of the gaps. */
  readonly burstiness?: number;
  readonly stages?: readonly Stage[];
}

/**
 * An arrival pattern: when requests are sent, independently of the server (an open loop). Its specification is plain
 * data that structured clone can copy, because each thread computes the times itself.
 */
export interface ArrivalPattern<
  Spec extends { readonly kind: string },
  Options extends ArrivalOptionTable = ArrivalOptionTable,
> {
  readonly kind: Spec['kind'];
  /** Empty if only a data set can select the pattern. */
  readonly options: Options;
  /**
   * The specification for the given options; undefined if they do not select this pattern. Throws LoadError `bad-test`.
   */
  asked(options: OptionValues<Options>, requests: AskedRequests): Spec | undefined;
  /** Problems with a specification for `count` requests, as messages; empty if it is valid. */
  problems(spec: Spec, count: number): string[];
  /** Due times of all requests, in milliseconds from the start, ascending. The same seed gives the same times. */
  timesMs(spec: Spec, count: number, seed: number): Float64Array;
  /** What raw results state besides the kind; absent if that says everything. */
  recorded?(spec: Spec): RecordedArrivals;
}
