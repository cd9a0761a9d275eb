/** An object type without undefined values: an entry that may be undefined becomes optional. */
export type Defined<T> = {
  [Key in keyof T as undefined extends T[Key] ? never : Key]: T[Key];
} & {
  [Key in keyof T as undefined extends T[Key] ? Key : never]?: Exclude<T[Key], undefined>;
};

/**
 * Removes entries that are undefined and keeps the order of the others. Use it to pass on an optional property: `{ url,
 * ...defined({ label, seed: shard === undefined ? seed : shardSeed(seed, shard) }) }`.
 */
export function defined<T extends object>(entries: T): Defined<T>;
export function defined(entries: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
}
