import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { formatQuery, type ParamSet, type ParamValues, parseQuery } from './params.ts';
import { hashOf, parseHash, type Route, type ViewName } from './route.ts';

/** The address's route, followed as it changes by links, the back button or by hand. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => followAddress(setHash), []);
  return useMemo(() => parseHash(hash), [hash]);
}

/**
 * Passes on the part of the address after `#` now and at each change, until the returned function is called. Now, too,
 * because a fast reader can change it between the first render and this call; what they typed would be lost.
 */
export function followAddress(set: (hash: string) => void): () => void {
  const follow = () => set(location.hash);
  addEventListener('hashchange', follow);
  follow();
  return () => removeEventListener('hashchange', follow);
}

/** `drop` names choices of other parts of the page that have no meaning after the change. */
export type ChangeParams<Values> = (
  part: Partial<Values>,
  how?: 'step' | 'replace',
  drop?: readonly string[],
) => void;

/**
 * Choices of a view, or of a part of the page, kept in its address; those of other parts stay as they are. The back button undoes a change; `replace` is for what
 * changes many times per second, such as zooming.
 */
export function useParams<Params extends ParamSet>(
  { view, id, query }: Route,
  params: Params,
): [ParamValues<Params>, ChangeParams<ParamValues<Params>>] {
  const before = useRef<ParamValues<Params>>(undefined);
  const values = useMemo(() => keepSame(params, before.current, parseQuery(params, query)), [params, query]);
  before.current = values;
  const change = useCallback<ChangeParams<ParamValues<Params>>>(
    (part, how = 'step', drop = []) => {
      if (view === 'unknown') return;
      // The current address, not the one at the last render: two changes may come before the next render.
      const { query: asked } = parseHash(location.hash);
      const now = parseQuery(params, asked);
      const own = formatQuery(params, { ...now, ...part });
      const others = otherChoices(asked, [...Object.keys(params), ...drop]);
      const hash = hashOf(view, { id, query: [own, others].filter((one) => one !== '').join('&') });
      if (hash === location.hash) return;
      history[how === 'replace' ? 'replaceState' : 'pushState'](null, '', hash);
      dispatchEvent(new HashChangeEvent('hashchange'));
    },
    [view, id, params],
  );
  return [values, change];
}

/** The rest of a query without some of its parameters, unchanged. */
function otherChoices(query: string, names: readonly string[]): string {
  return query
    .split('&')
    .filter((part) => part !== '' && !names.includes(part.split('=', 1)[0] ?? ''))
    .join('&');
}

export function linkTo<Params extends ParamSet>(
  view: ViewName,
  params: Params,
  values: Partial<ParamValues<Params>>,
): string {
  const initial = parseQuery(params, '');
  return hashOf(view, { query: formatQuery(params, { ...initial, ...values }) });
}

/**
 * Unchanged values stay the same objects, and so does the whole if none changed, so that changes elsewhere cause no
 * computations or renders.
 */
function keepSame<Params extends ParamSet>(
  params: Params,
  before: ParamValues<Params> | undefined,
  now: ParamValues<Params>,
): ParamValues<Params> {
  if (before === undefined) return now;
  const kept: Record<string, unknown> = { ...now };
  let isSame = true;
  for (const [name, param] of Object.entries(params)) {
    if (param.format(before[name]) === param.format(now[name])) kept[name] = before[name];
    else isSame = false;
  }
  return isSame ? before : (kept as ParamValues<Params>);
}
