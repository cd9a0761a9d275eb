import { constants, crc32, deflateRawSync } from 'node:zlib';
import { completion, done, sse, usage } from './events.ts';
import type { Exchange, Http } from './exchange.ts';

/** Bytes that leave the server in one write. */
export interface Write {
  readonly bytes: Buffer;
  /** The piece they belong to; −1 for the head, the number of pieces for the end of the body. */
  readonly piece: number;
  /** Pause before the write, milliseconds. */
  readonly afterMs: number;
}

/** Changes that must make no difference: other cuts, and meaningless bytes between events. */
export interface Disturbance {
  /** Additional HTTP chunk boundaries in the body, modulo its length. */
  readonly chunkCuts: readonly number[];
  /** Additional write boundaries on the wire, modulo the number of bytes. */
  readonly writeCuts: readonly number[];
  /**
   * Meaningless bytes to insert before the piece with this number (modulo the number of pieces), if it starts an event.
   */
  readonly keepAlives: readonly {
    readonly before: number;
    readonly bytes: string;
    readonly alone: boolean;
  }[];
  /** Longer pauses before pieces than in the exchange, milliseconds, used in turn. */
  readonly pausesMs: readonly number[];
  readonly http: Partial<Pick<Http, 'framing' | 'gzip' | 'headers'>>;
}

export const undisturbed: Disturbance = {
  chunkCuts: [],
  writeCuts: [],
  keepAlives: [],
  pausesMs: [],
  http: {},
};

/** The writes of an exchange's response. */
export function writesOf(exchange: Exchange, disturbance: Disturbance = undisturbed): Write[] {
  const http = { ...exchange.http, ...disturbance.http };
  const body = bodyOf(exchange, disturbance).filter(({ bytes }) => bytes.length > 0);
  const packed = http.gzip ? gzipped(body, http.ending.kind === 'whole') : body;
  const chunked = http.framing === 'chunked';
  const framed = chunked
    ? cut(packed, disturbance.chunkCuts).map((write) => ({ ...write, bytes: chunk(write.bytes) }))
    : packed;
  const bodyBytes = packed.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const head = { bytes: headOf(http, bodyBytes), piece: -1, afterMs: 0 };
  const end = endOf(http);
  const last = end.length === 0 ? [] : [{ bytes: end, piece: exchange.pieces.length, afterMs: 1 }];
  return cut([head, ...framed, ...last], disturbance.writeCuts);
}

function bodyOf({ pieces }: Exchange, { keepAlives, pausesMs }: Disturbance): Write[] {
  const writes: Write[] = [];
  let before: Buffer = Buffer.alloc(0);
  for (const [index, { bytes, afterMs }] of pieces.entries()) {
    const pauseMs = Math.max(afterMs, pausesMs[index % pausesMs.length] ?? 0);
    let own = bytes;
    for (const keepAlive of keepAlives) {
      if (keepAlive.before % pieces.length !== index || !endsEvent(before)) continue;
      // On its own it comes between two pieces and belongs to the one before, whose token has arrived by then.
      if (keepAlive.alone)
        writes.push({ bytes: Buffer.from(keepAlive.bytes), piece: index - 1, afterMs: pauseMs });
      else own = Buffer.concat([Buffer.from(keepAlive.bytes), own]);
    }
    writes.push({ bytes: own, piece: index, afterMs: pauseMs });
    before = bytes;
  }
  return writes;
}

/** Whether the next byte starts a new event, judging by the bytes before. */
function endsEvent(before: Buffer): boolean {
  return /(?:^|\n\r?\n|\r\r)$/.test(before.toString('latin1'));
}

/** Cuts writes further, at positions counted over all their bytes. */
function cut(writes: readonly Write[], places: readonly number[]): Write[] {
  if (places.length === 0) return [...writes];
  const length = writes.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const sorted = [...new Set(places.map((place) => place % length))].sort((a, b) => a - b);
  let start = 0;
  return writes.flatMap(({ bytes, piece, afterMs }) => {
    const inside = sorted.filter((place) => place > start && place < start + bytes.length);
    const bounds = [0, ...inside.map((place) => place - start), bytes.length];
    start += bytes.length;
    return bounds.slice(1).map((stop, index) => ({
      bytes: bytes.subarray(bounds[index], stop),
      piece,
      afterMs: index === 0 ? afterMs : 0,
    }));
  });
}

function headOf({ status, contentType, headers, framing }: Http, bodyBytes: number): Buffer {
  const lines = [
    `HTTP/${framing === 'http-1.0' ? '1.0' : '1.1'} ${status}`,
    ...(contentType === undefined ? [] : [`Content-Type: ${contentType}`]),
    ...(framing === 'chunked' ? ['Transfer-Encoding: chunked'] : []),
    ...(framing === 'length' ? [`Content-Length: ${bodyBytes}`] : []),
    ...(framing === 'until-close' ? ['Connection: close'] : []),
    ...headers,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}

function endOf({ framing, ending }: Http): Buffer {
  if (framing !== 'chunked') return Buffer.alloc(0);
  if (ending.kind === 'whole' || ending.kind === 'unasked') return Buffer.from('0\r\n\r\n');
  if (ending.kind === 'behind') return Buffer.concat([Buffer.from('0\r\n\r\n'), ending.bytes]);
  if (ending.kind === 'trailers')
    return Buffer.from(`0\r\n${ending.lines.map((line) => `${line}\r\n`).join('')}\r\n`);
  return Buffer.alloc(0);
}

/** A complete response with three tokens, which starts like the reply to a request. */
export const unaskedReply = Buffer.concat([
  Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n'),
  chunk(Buffer.from(sse(completion(' x', 'length')).repeat(3) + sse(usage(3)) + done)),
  Buffer.from('0\r\n\r\n'),
]);

export function chunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

/** The writes compressed, each so that it can be decompressed on arrival. */
function gzipped(writes: readonly Write[], isWhole: boolean): Write[] {
  const all = Buffer.concat(writes.map(({ bytes }) => bytes));
  const trailer = Buffer.alloc(10);
  trailer.set([3, 0]);
  trailer.writeUInt32LE(crc32(all), 2);
  trailer.writeUInt32LE(all.length % 2 ** 32, 6);
  return writes.map((write, index) => {
    const isFirst = index === 0;
    const isLast = isWhole && index === writes.length - 1;
    const head = isFirst ? Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]) : Buffer.alloc(0);
    const packed = deflateRawSync(write.bytes, { finishFlush: constants.Z_SYNC_FLUSH });
    return { ...write, bytes: Buffer.concat([head, packed, ...(isLast ? [trailer] : [])]) };
  });
}
