import type { Context } from 'hono';
import type { EncodedBody } from './encoding.ts';

/** Sends a body with its ETag in an encoding that the client accepts, or 304 if the client has it already. */
export async function answer(
  context: Context,
  body: EncodedBody,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  // Computed answers are revalidated on every request, which the ETag makes cheap.
  const shared = { 'cache-control': 'no-cache', vary: 'Accept-Encoding', ...headers };
  // A strong ETag identifies one exact body, so each encoding has its own.
  const { coding, bytes } = await body.as(context.req.header('accept-encoding'));
  const etag = `"${body.etag}${coding === 'identity' ? '' : `-${coding}`}"`;
  if (matches(context.req.header('if-none-match'), etag)) {
    return new Response(null, { status: 304, headers: { ...shared, etag } });
  }
  const encoding: Record<string, string> = coding === 'identity' ? {} : { 'content-encoding': coding };
  return new Response(new Uint8Array(bytes), {
    headers: { ...shared, ...encoding, etag, 'content-length': String(bytes.length) },
  });
}

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.split(',').some((one) => ['*', etag, `W/${etag}`].includes(one.trim()));
}
