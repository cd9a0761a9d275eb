/** A property of a reply that makes its figures less certain, although the reply is valid. */
interface Doubt {
  /**
   * The reason in a verdict. `replies` is the number of replies in words; `have` and `were` are verbs that agree with
   * it.
   */
  says(replies: string, have: string, were: string): string;
  /** It becomes a reason above this share of the completed replies. */
  readonly aboveShare: number;
}

const any = 0;

/**
 * All doubts about replies under their names in a result. To add one, add an entry here and count it where a reply is
 * recorded.
 */
const table = {
  prompt_token_mismatches: {
    says: (replies) => `the server's prompt token count differs from what was sent in ${replies}`,
    aboveShare: any,
  },
  output_length_mismatches: {
    says: (replies, have) => `${replies} ${have} a different length than requested`,
    aboveShare: any,
  },
  replies_without_usage: {
    says: (replies, have) => `${replies} ${have} no usage: chunks were counted as tokens`,
    aboveShare: any,
  },
  usage_conflicts: {
    says: (replies) =>
      `the token counts of ${replies} are inconsistent and were not used: their chunks were counted`,
    aboveShare: any,
  },
  doubtful_replies: {
    says: (replies) =>
      `in ${replies} it is unclear which events were tokens: TTFT and TPOT may be off (--per-chunk-usage resolves this)`,
    aboveShare: any,
  },
  malformed_replies: {
    says: (replies, have) => `${replies} ${have} events that could not be parsed`,
    aboveShare: any,
  },
  unstreamed_replies: {
    says: (replies, _, were) => `${replies} ${were} not streamed: no TTFT, TPOT or ITL`,
    aboveShare: any,
  },
  /** Short replies occasionally arrive at once. */
  replies_at_once: {
    says: (replies) => `${replies} of several tokens arrived all at once: no TPOT`,
    aboveShare: 0.01,
  },
  replies_in_bursts: {
    says: (replies) =>
      `the tokens of ${replies} arrived in bursts: the server sends several at a time, or something buffered them; TTFT, TPOT and ITL may be off`,
    aboveShare: 0.01,
  },
  replies_with_hidden_tokens: {
    says: (replies, have) =>
      `${replies} ${have} tokens that were not sent: TTFT is that of the first one that was`,
    aboveShare: any,
  },
  uncounted_replies: {
    says: (replies, have) => `it is unknown how many tokens ${replies} ${have}`,
    aboveShare: any,
  },
  unknown_endings: {
    says: (replies) => `${replies} ended with an unknown finish reason`,
    aboveShare: any,
  },
  replies_without_finish: {
    says: (replies) => `${replies} ended without a finish reason, perhaps truncated`,
    aboveShare: any,
  },
  replies_begun_again: {
    says: (replies, _, were) =>
      `${replies} ${were} restarted midway, perhaps on another server: the id changed`,
    aboveShare: any,
  },
  replies_beyond_end: {
    says: (replies) => `${replies} continued after their end marker`,
    aboveShare: any,
  },
  choice_mismatches: {
    says: (replies, have) => `${replies} ${have} a number of choices that differs from n`,
    aboveShare: any,
  },
} satisfies Record<string, Doubt>;

export type DoubtName = keyof typeof table;

/** The number of replies with each doubt. */
export type DoubtCounts = Record<DoubtName, number>;

function isDoubtName(name: string): name is DoubtName {
  return Object.hasOwn(table, name);
}

export const doubtNames: readonly DoubtName[] = Object.keys(table).filter(isDoubtName);

/** One value for each doubt. */
export function eachDoubt<T>(make: (name: DoubtName) => T): Record<DoubtName, T> {
  const values = Object.fromEntries(doubtNames.map((name) => [name, make(name)]));
  if (!hasAllDoubts(values)) throw new Error('a doubt has no value');
  return values;
}

function hasAllDoubts<T>(values: Record<string, T>): values is Record<DoubtName, T> {
  return doubtNames.every((name) => values[name] !== undefined);
}

/** The reasons from doubts about the replies of a test, given the number of completed replies. */
export function reasonsOfDoubts(counts: DoubtCounts, completed: number): string[] {
  return doubtNames.flatMap((name) => {
    const doubt: Doubt = table[name];
    const count = counts[name];
    if (count === 0 || count <= doubt.aboveShare * completed) return [];
    return [
      count === 1 ? doubt.says('1 reply', 'has', 'was') : doubt.says(`${count} replies`, 'have', 'were'),
    ];
  });
}
