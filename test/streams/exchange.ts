import type { GeneratingBackend, LoadTest } from '../../src/load/index.ts';

/** Bytes that a server writes at once, and the generated tokens that come with them. */
export interface Piece {
  readonly bytes: Buffer;
  /** Generated tokens by choice: `[1]` is one token of the only choice, `[0, 2]` two tokens of the second. */
  readonly tokens: readonly number[];
  /** The pause before it, milliseconds, counted from when the client has read the previous piece. */
  readonly afterMs: number;
}

/** What the server does after all pieces are written. */
export type BodyEnding =
  /** Ends the body as its framing requires; the connection stays open. */
  | { readonly kind: 'whole' }
  /** Like `whole`, with these bytes in the write that ends the body. */
  | { readonly kind: 'behind'; readonly bytes: Buffer }
  /** Like `whole`, followed by these bytes once the client has read it. */
  | { readonly kind: 'unasked'; readonly bytes: Buffer }
  /** Ends a chunked body with trailer fields. */
  | { readonly kind: 'trailers'; readonly lines: readonly string[] }
  /** Closes the connection without ending a body that has an end mark. */
  | { readonly kind: 'close' }
  | { readonly kind: 'reset' }
  /** Neither ends the body nor closes the connection. */
  | { readonly kind: 'hold' }
  /** Like `hold`, with these bytes again and again. */
  | { readonly kind: 'repeat'; readonly bytes: Buffer; readonly everyMs: number };

/** How the pieces become an HTTP response. */
export interface Http {
  /** The status, without the HTTP version. */
  readonly status: string;
  /** The `Content-Type`; undefined if there is none. */
  readonly contentType: string | undefined;
  readonly headers: readonly string[];
  readonly framing: 'chunked' | 'length' | 'until-close' | 'http-1.0';
  /** Compresses each piece and flushes after it. */
  readonly gzip: boolean;
  readonly ending: BodyEnding;
}

/** What is true about an exchange, whatever a client reports. */
export interface ExchangeTruth {
  /** Why the request must fail; undefined if the reply is good. */
  readonly failure: { readonly troubleClass: RegExp; readonly words: RegExp } | undefined;
  /** The message with which bytes outside the standard may also be rejected. */
  readonly orRefused: RegExp | undefined;
  /** Tokens of all choices; null if nothing gives their number. */
  readonly outputTokens: number | null;
  /** Prompt tokens; null if the server does not report them. */
  readonly promptTokens: number | null;
  /** Reasons that the verdict must give; empty if it may be `checked`. */
  readonly doubts: readonly RegExp[];
  /** A reason that the verdict may give. */
  readonly mayDoubt: RegExp | undefined;
  /** The bytes are ambiguous: values may be wrong if the verdict says that they are doubtful. */
  readonly wrongIfDoubted: boolean;
  /** Whether pieces give the time of each token: one token per piece, or counted. */
  readonly tellsEveryGap: boolean;
}

/** A request and its reply as timed bytes, with the truth about it. */
export interface Exchange {
  readonly name: string;
  readonly backend: GeneratingBackend;
  /** Test settings that differ from the usual ones. */
  readonly settings: Partial<LoadTest>;
  /** Requested tokens. */
  readonly asked: number;
  readonly http: Http;
  readonly pieces: readonly Piece[];
  readonly truth: ExchangeTruth;
  /** Whether extra bytes between its pieces, other cuts and other framings make no difference. */
  readonly isRobust: boolean;
}

/** The properties of an exchange besides its name and pieces; all have defaults. */
export interface Particulars extends Partial<Omit<Exchange, 'name' | 'pieces' | 'http' | 'truth'>> {
  readonly http?: Partial<Http>;
  readonly truth?: Partial<ExchangeTruth>;
}

/** The prompt tokens that servers in the table report. */
export const promptTokens = 5;

const usualPauseMs = 5;
const firstTokenPauseMs = 12;

const usualHttp: Http = {
  status: '200 OK',
  contentType: 'text/event-stream',
  headers: [],
  framing: 'chunked',
  gzip: false,
  ending: { kind: 'whole' },
};

/** Creates an exchange. The default is a good reply over chunked HTTP whose tokens are those of its pieces. */
export function exchange(name: string, pieces: readonly Piece[], particulars: Particulars = {}): Exchange {
  const tokens = pieces.reduce((sum, piece) => sum + total(piece.tokens), 0);
  const { backend = 'openai', settings = {}, asked = tokens, isRobust = true } = particulars;
  return {
    name,
    backend,
    settings,
    asked: Math.max(1, asked),
    isRobust,
    pieces: apart(pieces),
    http: { ...usualHttp, ...particulars.http },
    truth: {
      failure: undefined,
      orRefused: undefined,
      outputTokens: tokens,
      promptTokens,
      doubts: [],
      mayDoubt: undefined,
      wrongIfDoubted: false,
      tellsEveryGap: pieces.every((piece) => piece.tokens.every((count) => count <= 1)),
      ...particulars.truth,
    },
  };
}

/** Separates the first token from what comes before and after it, because a client's clock may start slightly early. */
function apart(pieces: readonly Piece[]): Piece[] {
  const first = pieces.findIndex(({ tokens }) => total(tokens) > 0);
  return pieces.map((piece, index) =>
    index === first || index === first + 1
      ? { ...piece, afterMs: Math.max(firstTokenPauseMs, piece.afterMs) }
      : piece,
  );
}

export function total(tokens: readonly number[]): number {
  return tokens.reduce((sum, count) => sum + count, 0);
}

/** A piece without a token. */
export function piece(bytes: string | Buffer, afterMs = usualPauseMs): Piece {
  return { bytes: Buffer.from(bytes), tokens: [], afterMs };
}

/** A piece with tokens of the only choice. */
export function token(bytes: string | Buffer, count = 1, afterMs = usualPauseMs): Piece {
  return { bytes: Buffer.from(bytes), tokens: [count], afterMs };
}

/** A piece with tokens of several choices. */
export function tokensOf(counts: readonly number[], bytes: string, afterMs = usualPauseMs): Piece {
  return { bytes: Buffer.from(bytes), tokens: counts, afterMs };
}

/** One piece for each of `count` tokens. */
export function tokens(count: number, bytesOf: (index: number, isLast: boolean) => string): Piece[] {
  return Array.from({ length: count }, (_, index) => token(bytesOf(index, index === count - 1)));
}

/** Splits bytes into two writes with a pause in between; the token comes with the second. */
export function halves(whole: string | Buffer, cut: number): Piece[] {
  const bytes = Buffer.from(whole);
  return [piece(bytes.subarray(0, cut)), token(bytes.subarray(cut))];
}
