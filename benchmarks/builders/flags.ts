/** Flags by name: `true` for a bare flag, absent where undefined. */
export type Flags = Readonly<Record<string, string | number | true | undefined>>;

/** The command line of flags, name and value apart. */
export function argv(flags: Flags): string[] {
  return Object.entries(flags).flatMap(([name, value]) =>
    value === undefined ? [] : value === true ? [name] : [name, String(value)],
  );
}
