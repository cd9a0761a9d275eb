import { writeFileAtomically } from '../atomic-file.ts';
import type { ServerFacts } from '../identity/index.ts';
import type { RawResult } from '../load/index.ts';
import { type AggregateRow, rowOfServer, type TestedShape } from '../results/index.ts';
import type { UseCaseHost } from './host.ts';
import { type KeptResults, keepResults, resultsOf } from './keep-results.ts';
import { clientProvenance } from './provenance.ts';
import type { StateFolder } from './state-folder.ts';

export interface PublishOptions {
  readonly state: StateFolder;
  /** Location of the store. */
  readonly store: string;
  readonly facts: ServerFacts;
  readonly shape: TestedShape;
}

/** What was added to the store. */
export interface StoredTests {
  readonly sweepId: string;
  readonly directory: string;
  readonly report: string;
  readonly added: number;
}

/** Load tests of one server that become points of the store together. */
export class PublishedTests {
  readonly #kept: KeptResults;
  readonly #options: PublishOptions;
  readonly #rows: AggregateRow[] = [];
  #written = 0;

  constructor(options: PublishOptions) {
    this.#options = options;
    this.#kept = resultsOf(options.state, 'serve');
  }

  /** Writes a result, and its row unless it is invalid. Throws InputError if the result is not a point. */
  async add(result: RawResult, signal: AbortSignal): Promise<void> {
    const { facts, shape } = this.#options;
    const { directory } = this.#kept;
    const row = rowOfServer(result, facts, shape);
    this.#written += 1;
    const name = `conc${row.conc}_${this.#written}`;
    await writeJson(directory.rawResult(name), { ...result, provenance: await clientProvenance(signal) });
    if (result.fidelity.verdict === 'invalid') return;
    await writeJson(directory.aggregateRow(name), row);
    this.#rows.push(row);
  }

  /** Adds everything to the store; undefined if there is nothing. */
  async finish(note: UseCaseHost['note']): Promise<StoredTests | undefined> {
    if (this.#written === 0) return undefined;
    const added = await keepResults(this.#kept, this.#rows, this.#options.store, note);
    const { sweep, directory } = this.#kept;
    return { sweepId: sweep.sweepId, directory: directory.path, report: directory.report, added };
  }
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomically(path, `${JSON.stringify(value, null, 2)}\n`);
}
