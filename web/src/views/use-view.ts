import type { FunctionComponent } from 'preact';
import { DocumentError } from '../data/source.ts';
import { type Loaded, useLoaded } from '../data/use-loaded.ts';
import type { Route, ViewName } from '../state/route.ts';

export type View = FunctionComponent<{ readonly route: Route }>;

/** The code of each view is fetched when it is first opened. */
const views: Readonly<Record<ViewName, () => Promise<View>>> = {
  overview: async () => (await import('./overview/overview.tsx')).Overview,
  explore: async () => (await import('./explore/explore.tsx')).Explore,
  cost: async () => (await import('./cost/cost.tsx')).Cost,
  history: async () => (await import('./history/history.tsx')).History,
  reliability: async () => (await import('./reliability/reliability.tsx')).Reliability,
  accuracy: async () => (await import('./accuracy/accuracy.tsx')).Accuracy,
  hardware: async () => (await import('./hardware/hardware.tsx')).Hardware,
  runs: async () => (await import('./sweeps/sweeps.tsx')).Sweeps,
  point: async () => (await import('./point/point.tsx')).PointPage,
};

export function useView(name: Route['view']): Loaded<View> {
  const loaded = useLoaded(name === 'unknown' ? undefined : name, async () => {
    if (name === 'unknown') throw new DocumentError('missing', 'there is no such view');
    try {
      return await views[name]();
    } catch (error) {
      throw new DocumentError('unreachable', `this part of the page could not be loaded: ${String(error)}`);
    }
  });
  // The previous view must not be shown while the requested one is being fetched.
  return loaded.state === 'loading' ? { state: 'loading', stale: undefined } : loaded;
}
