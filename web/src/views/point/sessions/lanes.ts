import type { SessionsDocument } from '../../../../../src/server/api.ts';

export type ConversationKind = SessionsDocument['conversations'][number];

/** One request of a replay. Times are seconds from the start of the measured phase. */
export interface SessionRequest {
  readonly lane: number;
  readonly play: number;
  readonly conversation: number;
  readonly kind: ConversationKind;
  readonly turn: number;
  readonly startS: number;
  readonly endS: number;
  readonly ttftS: number | null;
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cachedTokens: number | null;
  readonly idealShare: number | null;
  readonly isCompleted: boolean;
  readonly isMeasured: boolean;
}

/** The listed requests of a document, by start. */
export function requestsOf({ columns, conversations }: SessionsDocument): readonly SessionRequest[] {
  return columns.lane.flatMap((lane, index): SessionRequest[] => {
    const conversation = columns.conversation[index];
    const kind = conversation === undefined ? undefined : conversations[conversation];
    const [startS, endS] = [columns.startS[index], columns.endS[index]];
    if (conversation === undefined || kind === undefined || startS === undefined || endS === undefined)
      return [];
    return [
      {
        lane,
        conversation,
        kind,
        startS,
        endS,
        play: columns.play[index] ?? 0,
        turn: columns.turn[index] ?? 0,
        ttftS: columns.ttftS[index] ?? null,
        inputTokens: columns.inputTokens[index] ?? null,
        outputTokens: columns.outputTokens[index] ?? null,
        cachedTokens: columns.cachedTokens[index] ?? null,
        idealShare: columns.idealShare[index] ?? null,
        isCompleted: columns.isCompleted[index] ?? false,
        isMeasured: columns.isMeasured[index] ?? false,
      },
    ];
  });
}

/** A request in the picture of the lanes; rows are numbered from the top. */
export interface RowedRequest {
  readonly request: SessionRequest;
  readonly row: number;
}

/** The rows of a lane: the main agent's conversations in the first, others below, as many as run at once. */
export interface LaneRows {
  readonly lane: number;
  readonly firstRow: number;
  readonly rows: number;
}

export interface LaneLayout {
  readonly lanes: readonly LaneRows[];
  readonly placed: readonly RowedRequest[];
  /** Times between two requests of a conversation. */
  readonly pauses: readonly { readonly row: number; readonly fromS: number; readonly toS: number }[];
  readonly rows: number;
}

interface Stream {
  readonly requests: readonly SessionRequest[];
  readonly fromS: number;
  readonly toS: number;
  readonly isMain: boolean;
}

/** Places whole lanes, from the first on, until the rows are full; at least one. */
export function laneLayout(requests: readonly SessionRequest[], mostRows: number): LaneLayout {
  const lanes: LaneRows[] = [];
  const placed: RowedRequest[] = [];
  const pauses: LaneLayout['pauses'][number][] = [];
  let rows = 0;
  const ofLanes = [...Map.groupBy(requests, ({ lane }) => lane)].toSorted(([a], [b]) => a - b);
  for (const [lane, own] of ofLanes) {
    const streams = streamsOf(own);
    const rowOf = rowsOf(streams);
    const count = Math.max(...rowOf) + 1;
    if (lanes.length > 0 && rows + count > mostRows) break;
    for (const [index, stream] of streams.entries()) {
      const row = rows + (rowOf[index] ?? 0);
      for (const [number, request] of stream.requests.entries()) {
        placed.push({ request, row });
        const before = stream.requests[number - 1];
        if (before !== undefined && before.endS < request.startS)
          pauses.push({ row, fromS: before.endS, toS: request.startS });
      }
    }
    lanes.push({ lane, firstRow: rows, rows: count });
    rows += count;
  }
  return { lanes, placed: placed.toSorted((a, b) => a.request.startS - b.request.startS), pauses, rows };
}

function streamsOf(requests: readonly SessionRequest[]): readonly Stream[] {
  return [...Map.groupBy(requests, ({ conversation }) => conversation).values()]
    .map((own): Stream => {
      const [first] = own;
      return {
        requests: own,
        fromS: first?.startS ?? 0,
        toS: own.reduce((last, { endS }) => Math.max(last, endS), Number.NEGATIVE_INFINITY),
        isMain: first?.kind === 'main',
      };
    })
    .toSorted((a, b) => a.fromS - b.fromS);
}

/** The main agents share the first row, because they follow each other; another stream takes the first free row. */
function rowsOf(streams: readonly Stream[]): readonly number[] {
  const freeFromS: number[] = [];
  return streams.map(({ isMain, fromS, toS }) => {
    if (isMain) return 0;
    const free = freeFromS.findIndex((endS) => endS <= fromS);
    const row = free === -1 ? freeFromS.length : free;
    freeFromS[row] = toS;
    return row + 1;
  });
}
