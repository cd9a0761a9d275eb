import type { Route } from '../state/route.ts';

export const titles: Readonly<Record<Route['view'], string>> = {
  overview: 'Overview',
  explore: 'Explore',
  cost: 'Cost',
  history: 'History',
  reliability: 'Reliability',
  accuracy: 'Accuracy',
  hardware: 'Hardware',
  runs: 'Runs',
  point: 'Point',
  unknown: 'No such page',
};
