import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import type { ErrorCode } from '../../error-codes.ts';

/** The errors of the API by status. */
const kinds = {
  400: { title: 'Bad request', code: 'bad-parameter' },
  401: { title: 'Unauthorized', code: 'unauthorized' },
  404: { title: 'Not found', code: 'not-found' },
  405: { title: 'Method not allowed', code: 'wrong-method' },
  413: { title: 'Content too large', code: 'too-large' },
  415: { title: 'Unsupported media type', code: 'wrong-media-type' },
  421: { title: 'Misdirected request', code: 'wrong-host' },
  422: { title: 'Unprocessable content', code: 'bad-archive' },
  429: { title: 'Too many requests', code: 'too-many-requests' },
  500: { title: 'Internal server error', code: 'server-error' },
  503: { title: 'Service unavailable', code: 'busy' },
} as const satisfies Readonly<Record<number, { readonly title: string; readonly code: ErrorCode }>>;

/** An error response (RFC 9457). */
export const problemSchema = z.strictObject({
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  /** One of docs/errors.md. */
  code: z.enum(Object.values(kinds).map(({ code }) => code)),
  /** The invalid parameters. */
  problems: z.array(z.strictObject({ parameter: z.string(), message: z.string() })).optional(),
});

type Problem = z.infer<typeof problemSchema>;

/** Makes an error response from a status, a sentence, and the invalid parameters, if any. */
export function problem(
  status: keyof typeof kinds,
  detail: string,
  more: { readonly problems?: Problem['problems']; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  const { problems, headers } = more;
  const body: Problem = {
    title: kinds[status].title,
    status,
    detail,
    code: kinds[status].code,
    ...defined({ problems }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'cache-control': 'no-store', ...headers, 'content-type': 'application/problem+json' },
  });
}
