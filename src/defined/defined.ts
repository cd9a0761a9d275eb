/** An object type without undefined values: an entry that may be undefined may be absent instead. */
export type Defined<T> = {
  [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key];
} & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};

/**
 * The entries that have a value, in their order. It is how an optional property is passed on or left out:
 * `{ url, ...defined({ label, seed: shard === undefined ? seed : shardSeed(seed, shard) }) }`.
 */
export function defined<T extends object>(entries: T): Defined<T>;
export function defined(entries: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}
