/** A command without irrelevant differences: the order of its flags, and whether a value follows `=` or a space. */
export interface CommandMeaning {
  /** Words that are neither flags nor their values, in order. */
  readonly words: readonly string[];
  readonly flags: Readonly<Record<string, string | true>>;
}

export function commandMeaning(argv: readonly string[]): CommandMeaning {
  const words: string[] = [];
  const flags: Record<string, string | true> = {};
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? '';
    const equals = word.indexOf('=');
    const next = argv[index + 1];
    if (!word.startsWith('-')) words.push(word);
    else if (equals > 0) flags[word.slice(0, equals)] = word.slice(equals + 1);
    else if (next === undefined || next.startsWith('-') || bareFlags.has(word)) flags[word] = true;
    else {
      flags[word] = next;
      index += 1;
    }
  }
  return { words, flags };
}

/** Flags without a value that another word may follow. */
const bareFlags = new Set(['--oversubscribe', '--allow-run-as-root']);
