import type { Context } from 'hono';
import type { EncodedBody } from './encoding.ts';

/** Sends a body with its ETag in the client's coding, or 304 where the client has it already. */
export async function answer(
  context: Context,
  body: EncodedBody,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  // What is computed anew is asked for anew; the ETag makes that cheap.
  const shared = { 'cache-control': 'no-cache', vary: 'Accept-Encoding', ...headers };
  // A strong ETag names one exact body, so each coding has its own.
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
