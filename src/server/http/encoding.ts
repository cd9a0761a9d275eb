import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** Compressing smaller bodies costs more than it saves. */
const worthwhileBytes = 1024;

type Coding = 'br' | 'gzip' | 'identity';

/** A body with its strong ETag, compressed at most once per encoding. */
export class EncodedBody {
  readonly plain: Uint8Array;
  readonly etag: string;
  readonly #encoded = new Map<Coding, Promise<Uint8Array>>();

  constructor(content: string | Uint8Array) {
    this.plain = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    this.etag = createHash('sha256').update(this.plain).digest('base64url').slice(0, 22);
  }

  /** The body in the best encoding that an Accept-Encoding header allows. */
  async as(
    acceptEncoding: string | undefined,
  ): Promise<{ readonly coding: Coding; readonly bytes: Uint8Array }> {
    const coding = this.plain.length < worthwhileBytes ? 'identity' : bestCoding(acceptEncoding);
    if (coding === 'identity') return { coding, bytes: this.plain };
    const encoded = this.#encoded.get(coding) ?? compressed(coding, this.plain);
    this.#encoded.set(coding, encoded);
    return { coding, bytes: await encoded };
  }
}

/** Brotli before gzip, unless the client refuses it (RFC 9110, 12.5.3). */
export function bestCoding(acceptEncoding: string | undefined): Coding {
  const quality = new Map(
    (acceptEncoding ?? '').split(',').map((part) => {
      const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
      const q = parameters.find((parameter) => parameter.startsWith('q='));
      return [name, q === undefined ? 1 : Number(q.slice(2))] as const;
    }),
  );
  const accepts = (coding: Coding) => (quality.get(coding) ?? quality.get('*') ?? 0) > 0;
  return accepts('br') ? 'br' : accepts('gzip') ? 'gzip' : 'identity';
}

async function compressed(coding: 'br' | 'gzip', bytes: Uint8Array): Promise<Uint8Array> {
  if (coding === 'gzip') return await promisify(gzip)(bytes, { level: 6 });
  return await promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } });
}
