import { basename } from 'node:path';
import { shardOf, shardPart } from '../../shards.ts';
import { type DatasetOptions, defaultRequests, type MadeDataset } from '../options.ts';
import { bodyOf, type GivenPrompt } from '../texts.ts';
import type { ContextLimit } from './context-limit.ts';
import { count, wrongFile } from './problem.ts';
import type { FileRecord } from './records.ts';
import { ReservoirSample } from './sample.ts';

/**
 * Collects the prompts of a file while it is read, keeps a seeded sample, and counts what it skips. The prompts of a
 * conversation are kept or skipped together.
 */
export class PromptCollector {
  readonly #file: string;
  readonly #options: DatasetOptions;
  readonly #limit: ContextLimit | undefined;
  readonly #sample: ReservoirSample<readonly GivenPrompt[]>;
  readonly #skipped = new Map<string, { rows: number; first: FileRecord }>();
  readonly #remarks = new Map<string, number>();
  #rows = 0;
  #prompts = 0;
  #tooLong = 0;

  constructor(file: string, options: DatasetOptions, limit: ContextLimit | undefined) {
    this.#file = file;
    this.#options = options;
    this.#limit = limit;
    const { numPrompts = defaultRequests, seed = 0, disableShuffle = false } = options;
    // All shards use one seed and share a single sample.
    this.#sample = new ReservoirSample(numPrompts, disableShuffle ? undefined : seed);
  }

  /** Takes the prompts of one row; a conversation has several, in order. */
  take(prompts: readonly GivenPrompt[]): void {
    this.#rows++;
    const limit = this.#limit;
    const end = limit === undefined ? -1 : prompts.findIndex((prompt) => !limit.fits(prompt));
    const kept = end === -1 ? prompts : prompts.slice(0, end);
    this.#tooLong += prompts.length - kept.length;
    this.#prompts += kept.length;
    if (kept.length > 0) this.#sample.offer(kept);
  }

  /** Skips a row that cannot be sent. `why` follows "rows", e.g. "without a reply". */
  skip(row: FileRecord, why: string): void {
    this.#rows++;
    const known = this.#skipped.get(why);
    if (known === undefined) this.#skipped.set(why, { rows: 1, first: row });
    else known.rows++;
  }

  /** Adds a remark about a row that is sent, e.g. "have fields that are not sent". */
  remark(what: string): void {
    this.#remarks.set(what, (this.#remarks.get(what) ?? 0) + 1);
  }

  /** The first skipped row, if all rows were skipped for this reason. */
  allSkipped(why: string): FileRecord | undefined {
    const skipped = this.#skipped.get(why);
    return skipped?.rows === this.#rows ? skipped.first : undefined;
  }

  /** Throws LoadError if there is nothing to send. */
  made(): MadeDataset {
    const { numPrompts: asked, oversample = true, shard } = this.#options;
    const conversations = this.#sample.kept();
    const available = conversations.reduce((sum, { length }) => sum + length, 0);
    if (available === 0) throw this.#nothing();
    const wraps = asked !== undefined && asked > available && oversample;
    const total = wraps ? asked : Math.min(asked ?? defaultRequests, available);
    const own = shardOf(conversations, shard);
    // If there are more shards than rows, they share the rows.
    const prompts = (own.length === 0 && wraps ? conversations : own).flat();
    const part = shardPart(total, shard);
    return {
      dataset: { kind: 'texts', prompts: prompts.slice(0, part) },
      numPrompts: wraps ? part : Math.min(part, prompts.length),
      notes: [
        ...this.#whatIsLeftOut(),
        ...this.#whatIsSent(total, available),
        ...this.#whatIsRepeated(conversations.flat(), total, wraps),
      ].map((note) => `${basename(this.#file)}: ${note}`),
    };
  }

  #whatIsLeftOut(): string[] {
    const notes: string[] = [];
    if (this.#skipped.size > 0) notes.push(this.#skips());
    if (this.#tooLong > 0 && this.#limit !== undefined) {
      const { tokens, isExact } = this.#limit;
      const how = isExact ? '' : '; lengths are estimated from bytes; pass --tokenizer for exact counts';
      const all = count(this.#prompts + this.#tooLong, 'prompt');
      notes.push(
        `${this.#tooLong.toLocaleString('en-US')} of ${all} skipped: prompt and reply are longer than ${count(tokens, 'token')}${how}`,
      );
    }
    for (const [what, rows] of this.#remarks) notes.push(`${count(rows, 'row')} ${what}`);
    return notes;
  }

  #skips(): string {
    const reasons = [...this.#skipped].map(
      ([why, { rows, first }]) =>
        `${rows.toLocaleString('en-US')} ${why} (the first is row ${first.row}, line ${first.line})`,
    );
    const skipped = [...this.#skipped.values()].reduce((sum, { rows }) => sum + rows, 0);
    return `${skipped.toLocaleString('en-US')} of ${count(this.#rows, 'row')} skipped: ${reasons.join(', ')}`;
  }

  #whatIsSent(total: number, available: number): string[] {
    const { numPrompts: asked, seed, disableShuffle = false } = this.#options;
    if (total < this.#prompts) {
      const why = asked === undefined ? `; set --num-prompts for more or fewer` : '';
      return [
        disableShuffle
          ? `the first ${total.toLocaleString('en-US')} of ${count(this.#prompts, 'prompt')} are sent${why}`
          : `${total.toLocaleString('en-US')} of ${count(this.#prompts, 'prompt')} are sent, drawn with seed ${seed ?? '0; every run without --seed sends the same prompts, which may be in the prefix cache'}${why}`,
      ];
    }
    const fewer =
      asked !== undefined && asked > total
        ? [`it has ${count(available, 'prompt')}, so ${count(total, 'request')} are sent, not ${asked}`]
        : [];
    return [
      ...fewer,
      `every prompt is sent (${available.toLocaleString('en-US')}), whatever the seed: prompts from earlier runs may be in the server's prefix cache`,
    ];
  }

  #whatIsRepeated(prompts: readonly GivenPrompt[], total: number, wraps: boolean): string[] {
    const different = new Set(prompts.slice(0, total).map(identityOf)).size;
    const repeated = total - different;
    if (repeated === 0) return [];
    const why = wraps ? `it has ${count(prompts.length, 'prompt')}: ` : '';
    const what = `${repeated.toLocaleString('en-US')} of ${count(total, 'request')} repeat an earlier prompt`;
    const instead = wraps ? ' (--no-oversample sends each once)' : '';
    return [`${why}${what}, which is faster with a prefix cache${instead}`];
  }

  #nothing(): Error {
    const reasons = this.#whatIsLeftOut();
    const why = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
    return wrongFile({ file: this.#file, line: 1 }, `no prompt can be sent${why}`);
  }
}

function identityOf(prompt: GivenPrompt): string {
  return 'text' in prompt ? `text ${prompt.text}` : Buffer.from(bodyOf(prompt).json).toString();
}
