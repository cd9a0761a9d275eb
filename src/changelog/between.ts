import { isAgentic, type MatrixEntry } from '../matrix/index.ts';
import { addedEntries, refuseLostLines } from './added.ts';
import { type Modifiers, withKeys } from './asks.ts';
import type { Additions, AskedKeys, ChangelogContract, Rerun, Sides } from './contract.ts';
import { changelogContractOf } from './contracts.ts';
import { type ChangelogLocation, WholeChangelog } from './whole-changelog.ts';

/** A change of the changelog: between two refs. */
export interface ChangelogChange extends ChangelogLocation {
  readonly base: string;
  readonly head: string;
}

/** What a change adds to the changelog, and what that asks for. */
export class AddedBetween {
  readonly #contract: ChangelogContract;
  readonly #additions: Additions;
  readonly #sides: Sides;

  private constructor(contract: ChangelogContract, additions: Additions, sides: Sides) {
    this.#contract = contract;
    this.#additions = additions;
    this.#sides = sides;
  }

  /**
   * Reads a change. Throws InputError if something was deleted or edited, if nothing was added, and if an entry names no
   * config.
   */
  static async read(change: ChangelogChange, sides: Sides, modifiers: Modifiers = {}): Promise<AddedBetween> {
    const { repository, file, base, head } = change;
    const { configs, pools } = sides.head;
    const contract = changelogContractOf(configs, pools);
    const [before, after] = await Promise.all(
      [base, head].map((ref) => WholeChangelog.at({ repository, file, ref }, contract.reading)),
    );
    if (before === undefined || after === undefined) throw new Error('a change has two sides');
    if (contract.linesStay) refuseLostLines(before.text, after.text, file);
    const added = after.check(addedEntries(before, after, file), contract.entry);
    const refs = { base, head };
    return new AddedBetween(contract, { added: withKeys(added, configs), refs, modifiers }, sides);
  }

  /** What each entry asks for that no entry before it did. */
  asked(): AskedKeys[] {
    return this.#contract.asked(this.#additions);
  }

  /** The matrix, in the public format. */
  async rerun(): Promise<Rerun> {
    return await this.#contract.rerun(this.#additions, this.#sides);
  }

  /** What is measured of it here, in the order in which it is asked for: entries with lengths. */
  async measured(): Promise<MatrixEntry[]> {
    const entries = await this.#contract.measured(this.#additions, this.#sides);
    return entries.flatMap((entry) => (isAgentic(entry) ? [] : [entry]));
  }
}
