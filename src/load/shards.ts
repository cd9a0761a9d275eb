import { LoadError } from './load-error.ts';

/** One of the equal parts of a test, numbered from 1. */
export interface ShardNumber {
  readonly number: number;
  readonly of: number;
}

/** The seed of a shard; shards must not draw the same prompts. */
export function shardSeed(seed: number, shard: ShardNumber | undefined): number {
  return seed + 1_000_003 * ((shard?.number ?? 1) - 1);
}

/** A shard's part of a number. */
export function shardPart(value: number, shard: ShardNumber | undefined): number {
  const { number, of } = shard ?? { number: 1, of: 1 };
  return Math.floor(value / of) + (number <= value % of ? 1 : 0);
}

/** A shard's part of a list: every n-th element. */
export function shardOf<T>(list: readonly T[], shard: ShardNumber | undefined): readonly T[] {
  return shard === undefined ? list : list.filter((_, index) => index % shard.of === shard.number - 1);
}

interface ShardFile {
  readonly file: string;
  readonly shard?: ShardNumber | undefined;
  readonly started_at: number;
  readonly duration: number;
  readonly seed?: number | undefined;
}

/**
 * Throws LoadError `bad-test` unless there is exactly one result per shard of one test. Returns a note if that cannot
 * be checked because some results do not name their shard; otherwise undefined.
 */
export function checkShards(files: readonly ShardFile[]): string | undefined {
  const known = new Map<string, string>();
  for (const { file, shard, started_at, duration, seed } of files) {
    const key = shard === undefined ? `${started_at} ${duration} ${seed}` : inWords(shard);
    const other = known.get(key);
    if (other !== undefined) {
      const what = shard === undefined ? 'the same result' : `both shard ${key}`;
      throw refusal(`${other} and ${file} are ${what}`, 'pass each result once');
    }
    known.set(key, file);
  }
  const numbered = files.flatMap(({ file, shard }) => (shard === undefined ? [] : [{ file, ...shard }]));
  const [first] = numbered;
  const another = numbered.find(({ of }) => of !== first?.of);
  if (first !== undefined && another !== undefined) {
    throw refusal(
      `${first.file} is shard ${inWords(first)} and ${another.file} shard ${inWords(another)}`,
      'merge the shards of one test',
    );
  }
  const without = files.filter(({ shard }) => shard === undefined);
  if (without.length > 0) {
    const whether = 'missing shards cannot be detected';
    return `${without.map(({ file }) => file).join(', ')}: no shard number is stored, so ${whether}`;
  }
  const of = first?.of ?? 0;
  const missing = Array.from({ length: of }, (_, index) => index + 1).filter(
    (number) => !known.has(inWords({ number, of })),
  );
  if (missing.length > 0) {
    const list = missing.map((number) => inWords({ number, of })).join(', ');
    throw refusal(`missing shards: ${list}`, 'pass the results of all shards');
  }
  return undefined;
}

function inWords({ number, of }: ShardNumber): string {
  return `${number}/${of}`;
}

function refusal(message: string, hint: string): LoadError {
  return new LoadError('bad-test', message, { hint });
}
