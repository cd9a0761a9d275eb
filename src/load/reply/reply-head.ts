import { contentEncodingOf, type Unpacker, unknownEncodingMessage } from '../http/content-encoding.ts';
import { redirectMessage } from '../http/redirect.ts';
import type { ResponseHead } from '../http/response-parser.ts';

/** What a response head says about the reply in its body. */
export interface ReplyHead {
  /** '' if there is none. */
  readonly contentType: string;
  /** How the body is compressed, if it is. */
  readonly packing: { readonly name: string; readonly unpacker: Unpacker } | undefined;
  /** The error message if the body's encoding is not supported. */
  readonly unknownEncoding: string | undefined;
  /** The location of a redirect. */
  readonly redirect: string | undefined;
}

/** Before the head has arrived. */
export const noHead: ReplyHead = {
  contentType: '',
  packing: undefined,
  unknownEncoding: undefined,
  redirect: undefined,
};

let last: { readonly head: ResponseHead; readonly read: ReplyHead } | undefined;

/** Reads a head. The parser returns the same object for identical heads, so the result is cached. */
export function readHead(head: ResponseHead): ReplyHead {
  if (head !== last?.head) last = { head, read: replyHead(head) };
  return last.read;
}

function replyHead({ status, headers }: ResponseHead): ReplyHead {
  const encoding = contentEncodingOf(headers.get('content-encoding'), headers.get('transfer-encoding'));
  return {
    contentType: headers.get('content-type') ?? '',
    packing: encoding.kind === 'packed' ? encoding : undefined,
    unknownEncoding: encoding.kind === 'unknown' ? unknownEncodingMessage(encoding.name) : undefined,
    redirect: redirectMessage(status, headers),
  };
}
