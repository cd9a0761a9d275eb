import { contentEncodingOf, type Unpacker, unknownEncodingMessage } from '../http/content-encoding.ts';
import { redirectMessage } from '../http/redirect.ts';
import type { ResponseHead } from '../http/response-parser.ts';

/** What the head of a response says of the reply in its body. */
export interface ReplyHead {
  /** '' without one. */
  readonly contentType: string;
  /** How the body is packed, if it is. */
  readonly packing: { readonly name: string; readonly unpacker: Unpacker } | undefined;
  /** What is wrong with the body's encoding: none of its bytes are text. */
  readonly unknownEncoding: string | undefined;
  /** Where a redirect points to. */
  readonly redirect: string | undefined;
}

/** Before a head has come. */
export const noHead: ReplyHead = {
  contentType: '',
  packing: undefined,
  unknownEncoding: undefined,
  redirect: undefined,
};

let last: { readonly head: ResponseHead; readonly read: ReplyHead } | undefined;

/** Reads a head; the parser gives the same object for heads of the same bytes. */
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
