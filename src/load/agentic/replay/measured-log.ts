import { type RequestColumns, RequestLog, RequestState, requestColumns } from '../../request-log.ts';
import { valueAt } from '../../unknown.ts';

/** The columns of one request. */
type RequestRow = Readonly<Record<keyof RequestColumns, number>>;

/** What was recorded of the requests of the measured phase, one after another as they end. */
export class MeasuredLog {
  readonly #rows: RequestRow[] = [];
  /** Gaps, troubles and doubts of all requests. */
  readonly #rest = RequestLog.ofLength(0);

  /** Adds a request that was logged alone. */
  add(log: RequestLog, isCancelled: boolean): void {
    const index = this.#rows.length;
    const row = rowOf(log);
    this.#rows.push(isCancelled ? { ...row, state: RequestState.abandoned } : row);
    if (isCancelled) return;
    const parts = log.parts();
    this.#rest.absorb({ ...parts, undecided: parts.undecided.map((one) => ({ ...one, index })) });
  }

  /** One log of all requests. */
  whole(): RequestLog {
    const columns = requestColumns(this.#rows.length, { shared: false });
    for (const [index, row] of this.#rows.entries()) {
      for (const name of columnNames) columns[name][index] = row[name];
    }
    const log = new RequestLog(columns, 'nothing');
    log.absorb(this.#rest.parts());
    return log;
  }
}

const columnNames = [
  'state',
  'scheduledMs',
  'startMs',
  'firstTokenMs',
  'lastTokenMs',
  'firstTextMs',
  'firstAnswerMs',
  'decodeMs',
  'decodeSteps',
  'endMs',
  'inputTokens',
  'outputTokens',
  'cachedTokens',
  'chunks',
  'results',
  'address',
] as const satisfies readonly (keyof RequestColumns)[];

function rowOf(log: RequestLog): RequestRow {
  return {
    state: valueAt(log.state, 0),
    // Latencies are counted from the actual send, as in the public client.
    scheduledMs: Number.NaN,
    startMs: valueAt(log.startMs, 0),
    firstTokenMs: valueAt(log.firstTokenMs, 0),
    lastTokenMs: valueAt(log.lastTokenMs, 0),
    firstTextMs: valueAt(log.firstTextMs, 0),
    firstAnswerMs: valueAt(log.firstAnswerMs, 0),
    decodeMs: valueAt(log.decodeMs, 0),
    decodeSteps: valueAt(log.decodeSteps, 0),
    endMs: valueAt(log.endMs, 0),
    inputTokens: valueAt(log.inputTokens, 0),
    outputTokens: valueAt(log.outputTokens, 0),
    cachedTokens: valueAt(log.cachedTokens, 0),
    chunks: valueAt(log.chunks, 0),
    results: valueAt(log.results, 0),
    address: valueAt(log.address, 0),
  };
}
