import { z } from 'zod';
import { defined } from '../../defined/defined.ts';

/** An error response (RFC 9457). */
export const problemSchema = z.strictObject({
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  /** The invalid parameters. */
  problems: z.array(z.strictObject({ parameter: z.string(), message: z.string() })).optional(),
});

type Problem = z.infer<typeof problemSchema>;

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  413: 'Content too large',
  415: 'Unsupported media type',
  421: 'Misdirected request',
  422: 'Unprocessable content',
  429: 'Too many requests',
  500: 'Internal server error',
  503: 'Service unavailable',
};

/** Makes an error response from a status, a sentence, and the invalid parameters, if any. */
export function problem(
  status: number,
  detail: string,
  more: { readonly problems?: Problem['problems']; readonly headers?: Readonly<Record<string, string>> } = {},
): Response {
  const { problems, headers } = more;
  const body: Problem = {
    title: titles[status] ?? 'Error',
    status,
    detail,
    ...defined({ problems }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'cache-control': 'no-store', ...headers, 'content-type': 'application/problem+json' },
  });
}
