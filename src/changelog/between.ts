import { InputError } from '../errors.ts';
import { type MatrixEntry, measuredEntry } from '../matrix/index.ts';
import { grownBy, nothingAdded, refuseLostLines } from './added.ts';
import type { Additions, AskedKeys, ChangelogContract, Rerun, Sides } from './contract.ts';
import { changelogContractOf } from './contracts.ts';
import type { ChangeFile } from './folder.ts';
import { type Modifiers, withKeys } from './requests.ts';
import { type ChangelogLocation, changelogAtRef, WholeChangelog } from './whole-changelog.ts';

/** A change to the changelog between two refs. */
export interface ChangelogChange extends ChangelogLocation {
  readonly base: string;
  readonly head: string;
}

/** The changelog before a change and after it: the changelog file first, then the files of its folder. */
export interface ChangelogTexts {
  readonly before: readonly ChangeFile[];
  readonly after: readonly ChangeFile[];
  /** The refs that these are of. */
  readonly refs: Additions['refs'];
}

/** What a change adds to the changelog, and what that requests. */
export class AddedBetween {
  readonly #contract: ChangelogContract;
  readonly #additions: Additions;
  readonly #sides: Sides;

  private constructor(contract: ChangelogContract, additions: Additions, sides: Sides) {
    this.#contract = contract;
    this.#additions = additions;
    this.#sides = sides;
  }

  /** Reads a change in git. Throws InputError as `of` does, and for an unknown ref. */
  static async read(change: ChangelogChange, sides: Sides, modifiers: Modifiers = {}): Promise<AddedBetween> {
    const { repository, file, base, head } = change;
    const [before, after] = await Promise.all([
      changelogAtRef({ repository, file, ref: base }),
      changelogAtRef({ repository, file, ref: head }),
    ]);
    return await AddedBetween.of({ before, after, refs: { base, head } }, sides, modifiers);
  }

  /**
   * Reads a change; one that only moves entries from the folder into the changelog adds nothing. Throws InputError if
   * something was deleted or edited, if nothing was added, and if an entry names no config.
   */
  static async of(texts: ChangelogTexts, sides: Sides, modifiers: Modifiers = {}): Promise<AddedBetween> {
    const { configs, pools } = sides.head;
    const contract = changelogContractOf(configs, pools);
    const [before, after] = await Promise.all([
      WholeChangelog.of(texts.before, contract.reading),
      WholeChangelog.of(texts.after, contract.reading),
    ]);
    const written = grownBy(before, after);
    if (contract.linesStay) refuseLostLines(before.text, after.text, after.file);
    const isFold = after.files < before.files;
    if (written.length === 0 && !isFold)
      throw new InputError([nothingAdded(after.file)], undefined, { code: 'bad-changelog' });
    const added = withKeys(after.check(written, contract.entry), configs);
    return new AddedBetween(contract, { added, refs: texts.refs, modifiers }, sides);
  }

  /** What each entry requests that no entry before it did. */
  asked(): AskedKeys[] {
    return this.#contract.asked(this.#additions);
  }

  /** The matrix, in the public format. */
  async rerun(): Promise<Rerun> {
    return await this.#contract.rerun(this.#additions, this.#sides);
  }

  /** What a sweep measures of it, in the order in which it is asked for. */
  async measured(): Promise<MatrixEntry[]> {
    const entries = await this.#contract.measured(this.#additions, this.#sides);
    return entries.map(measuredEntry);
  }
}
