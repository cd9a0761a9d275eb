import { basename } from 'node:path';
import { shardOf, shardPart } from '../../shards.ts';
import { type DatasetOptions, defaultRequests, type MadeDataset } from '../options.ts';
import type { GivenPrompt } from '../texts.ts';
import type { ContextLimit } from './context-limit.ts';
import { count, wrongFile } from './problem.ts';
import type { FileRecord } from './records.ts';
import { ReservoirSample } from './sample.ts';

/**
 * Takes the prompts of a file as it is read, keeps a seeded sample of what is asked for, and counts what it leaves out.
 * A conversation's prompts are taken or left together.
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
    // One seed for all shards, which share out one sample.
    this.#sample = new ReservoirSample(numPrompts, disableShuffle ? undefined : seed);
  }

  /** The prompts of one row: of a conversation several, in their order. */
  take(prompts: readonly GivenPrompt[]): void {
    this.#rows++;
    const limit = this.#limit;
    const end = limit === undefined ? -1 : prompts.findIndex((prompt) => !limit.fits(prompt));
    const kept = end === -1 ? prompts : prompts.slice(0, end);
    this.#tooLong += prompts.length - kept.length;
    this.#prompts += kept.length;
    if (kept.length > 0) this.#sample.offer(kept);
  }

  /** A row of which nothing can be sent. `why` goes after "rows", such as "without a reply". */
  skip(row: FileRecord, why: string): void {
    this.#rows++;
    const known = this.#skipped.get(why);
    if (known === undefined) this.#skipped.set(why, { rows: 1, first: row });
    else known.rows++;
  }

  /** Something to be said of a row that is sent, such as "have fields that are not sent". */
  remark(what: string): void {
    this.#remarks.set(what, (this.#remarks.get(what) ?? 0) + 1);
  }

  /** Whether all rows were skipped for this reason, and the first of them. */
  allSkipped(why: string): FileRecord | undefined {
    const skipped = this.#skipped.get(why);
    return skipped?.rows === this.#rows ? skipped.first : undefined;
  }

  /** Throws LoadError if nothing is left to be sent. */
  made(): MadeDataset {
    const { numPrompts: asked, oversample = true, shard } = this.#options;
    const conversations = this.#sample.kept();
    const available = conversations.reduce((sum, { length }) => sum + length, 0);
    if (available === 0) throw this.#nothing();
    const wraps = asked !== undefined && asked > available && oversample;
    const total = wraps ? asked : Math.min(asked ?? defaultRequests, available);
    const own = shardOf(conversations, shard);
    // More shards than rows share what there is.
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
      const how = isExact ? '' : '; lengths are estimated from their bytes, --tokenizer counts them';
      const all = count(this.#prompts + this.#tooLong, 'prompt');
      notes.push(
        `${this.#tooLong.toLocaleString('en-US')} of ${all} skipped: with their replies they are longer than ${count(tokens, 'token')}${how}`,
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
      const why = asked === undefined ? `; --num-prompts says how many` : '';
      return [
        disableShuffle
          ? `the first ${total.toLocaleString('en-US')} of ${count(this.#prompts, 'prompt')} are sent${why}`
          : `${total.toLocaleString('en-US')} of ${count(this.#prompts, 'prompt')} are sent, drawn with seed ${seed ?? '0, as in every run without --seed, whose prefix cache may then have them'}${why}`,
      ];
    }
    const fewer =
      asked !== undefined && asked > total
        ? [`it has ${count(available, 'prompt')}, so ${count(total, 'request')} are sent, not ${asked}`]
        : [];
    return [
      ...fewer,
      `every prompt is sent (${available.toLocaleString('en-US')}), whatever the seed: if the server answered them before, its prefix cache may have them`,
    ];
  }

  #whatIsRepeated(prompts: readonly GivenPrompt[], total: number, wraps: boolean): string[] {
    const different = new Set(prompts.slice(0, total).map(identityOf)).size;
    const repeated = total - different;
    if (repeated === 0) return [];
    const why = wraps ? `it has ${count(prompts.length, 'prompt')}: ` : '';
    const what = `${repeated.toLocaleString('en-US')} of ${count(total, 'request')} repeat a prompt that is sent before`;
    const instead = wraps ? ' (--no-oversample sends each once)' : '';
    return [`${why}${what}, which a prefix cache answers faster${instead}`];
  }

  #nothing(): Error {
    const reasons = this.#whatIsLeftOut();
    const why = reasons.length === 0 ? '' : `: ${reasons.join('; ')}`;
    return wrongFile({ file: this.#file, line: 1 }, `it has no prompt that can be sent${why}`);
  }
}

function identityOf(prompt: GivenPrompt): string {
  return 'text' in prompt
    ? `text ${prompt.text}`
    : JSON.stringify('messages' in prompt ? prompt.messages : prompt.tokenIds);
}
