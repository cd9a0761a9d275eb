/** Flags by name: `true` for a flag without a value; undefined flags are omitted. */
export type Flags = Readonly<Record<string, string | number | true | undefined>>;

/** Converts flags to command-line words, with name and value as separate words. */
export function argv(flags: Flags): string[] {
  return Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : value === true ? [name] : [name, String(value)],
  );
}
