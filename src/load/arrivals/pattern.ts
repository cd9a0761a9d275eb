/** Reads a decimal number as all options of the command line do; undefined for any other text. */
export type ReadNumber = (text: string) => number | undefined;

/** An option of the command line by which users ask for a pattern. Its name in a table is its flag's in camel case. */
export interface ArrivalOption<T> {
  /** With the name of the value, such as `--ramp-up-duration <seconds>`. */
  readonly flags: string;
  readonly help: string;
  /** What the option accepts, for the message that refuses anything else. */
  readonly expected: string;
  /** What holds if the option is not given, and what help calls it; undefined for nothing. */
  readonly initial: T;
  readonly shown?: string;
  /** The only texts that it accepts, if they are few. */
  readonly choices?: readonly string[];
  /** Names of options that cannot be given beside it. */
  readonly excludes?: readonly string[];
  /** What a text means; undefined for a text that is not accepted. */
  read(text: string, decimal: ReadNumber): T | undefined;
}

export type ArrivalOptionTable = Readonly<Record<string, ArrivalOption<unknown>>>;

type ValueOf<T> = T extends ArrivalOption<infer V> ? V : never;

/** The values of the options of a table: one without a value that holds by itself may be missing. */
export type OptionValues<T> = {
  readonly [K in keyof T as undefined extends ValueOf<T[K]> ? never : K]: ValueOf<T[K]>;
} & {
  readonly [K in keyof T as undefined extends ValueOf<T[K]> ? K : never]?: Exclude<ValueOf<T[K]>, undefined>;
};

/** The requests for which a user asks for arrivals. */
export interface AskedRequests {
  /** Of all shards together. */
  readonly numPrompts: number;
  /** How many equal shards send them; what is asked for is one shard's part. */
  readonly shards: number;
}

/**
 * A pattern of arrivals: when requests are sent, whatever the server does (an open loop). Its specification is plain
 * data that structured clone can copy, because each thread computes the times by itself.
 */
export interface ArrivalPattern<
  Spec extends { readonly kind: string },
  Options extends ArrivalOptionTable = ArrivalOptionTable,
> {
  readonly kind: Spec['kind'];
  /** None if only a data set asks for it. */
  readonly options: Options;
  /** What the options ask for; undefined if they do not ask for this pattern. Throws LoadError `bad-test`. */
  asked(options: OptionValues<Options>, requests: AskedRequests): Spec | undefined;
  /** What is wrong with a specification for so many requests, in words. */
  problems(spec: Spec, count: number): string[];
  /** When each request is due, milliseconds from the start, ascending; the same seed gives the same times. */
  timesMs(spec: Spec, count: number, seed: number): Float64Array;
}
