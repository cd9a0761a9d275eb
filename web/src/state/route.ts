export const viewNames = [
  'overview',
  'explore',
  'cost',
  'history',
  'reliability',
  'accuracy',
  'hardware',
  'runs',
  'point',
] as const;

export type ViewName = (typeof viewNames)[number];

/** What an address names: a view, its subject (the id of a point or run), and the view's choices. */
export interface Route {
  readonly view: ViewName | 'unknown';
  readonly id: string;
  readonly query: string;
}

/** Reads the part of an address after `#`; the empty one is the overview. */
export function parseHash(hash: string): Route {
  const [path = '', ...rest] = hash.replace(/^#?\/?/, '').split('?');
  const [name = '', ...id] = path.split('/');
  const view = name === '' ? 'overview' : (viewNames.find((known) => known === name) ?? 'unknown');
  return { view, id: decoded(id.join('/')), query: rest.join('?') };
}

export function hashOf(
  view: ViewName,
  { id = '', query = '' }: { id?: string; query?: string } = {},
): string {
  const path = view === 'overview' ? '/' : `/${view}`;
  return `#${path}${id === '' ? '' : `/${encodeURIComponent(id)}`}${query === '' ? '' : `?${query}`}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
