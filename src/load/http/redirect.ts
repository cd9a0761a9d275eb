import { parseServerUrl } from './server-url.ts';

const redirects = [301, 302, 303, 307, 308];

/**
 * Describes a redirect; undefined for other statuses. Redirects are not followed, because that would measure two
 * requests and could send credentials to another server.
 */
export function redirectMessage(status: number, headers: ReadonlyMap<string, string>): string | undefined {
  if (!redirects.includes(status)) return undefined;
  const location = headers.get('location');
  return location === undefined || location === ''
    ? `status ${status} without a location`
    : `status ${status} with location ${withoutSecrets(location)}`;
}

/** The options that send requests to a redirect's location directly; undefined if there are none. */
export function redirectHint(
  message: string,
  { baseUrl, path }: { readonly baseUrl: string; readonly path: string },
): string | undefined {
  const [, location] = /with location (\S+)/.exec(message) ?? [];
  const { origin, pathPrefix, place } = parseServerUrl(baseUrl);
  const base = 'socketPath' in place ? 'http://localhost' : origin;
  if (location === undefined || !URL.canParse(location, `${base}${pathPrefix}${path}`)) return undefined;
  const to = new URL(location, `${base}${pathPrefix}${path}`);
  if (!/^https?:$/.test(to.protocol)) return undefined;
  const [asked = ''] = path.split('?');
  if (to.origin === base) {
    const inside = to.pathname.startsWith(`${pathPrefix}/`)
      ? to.pathname.slice(pathPrefix.length)
      : undefined;
    return inside === undefined
      ? `the server redirects: pass --base-url ${origin} --endpoint ${to.pathname}`
      : `the server redirects: pass --endpoint ${inside}`;
  }
  const prefix = to.pathname.endsWith(asked) ? to.pathname.slice(0, -asked.length) : undefined;
  return prefix === undefined
    ? `the server redirects to another server: pass --base-url ${to.origin} --endpoint ${to.pathname}`
    : `the server redirects to another server: pass --base-url ${to.origin}${prefix}`;
}

/** A location without its credentials and query, which may contain a signature. */
function withoutSecrets(location: string): string {
  return location.replace(/[?#].*$/s, '').replace(/^([a-z][\w+.-]*:)?\/\/[^/]*@/i, '$1//');
}
