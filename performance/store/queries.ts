import type { PointFilter, Store } from '../../src/store/index.ts';

/** One query of the dashboard; returns the number of rows. */
export interface DashboardQuery {
  readonly name: string;
  readonly run: () => Promise<number>;
}

/** The queries of all views, with random parameters. */
export async function dashboardQueries(store: Store, random: () => number): Promise<DashboardQuery[]> {
  const configurations = await store.configurations();
  const { items: points } = await store.points({}, { limit: 1000 });
  const drawn = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error('the store is empty');
    return item;
  };
  const chart = (): PointFilter => {
    const { modelPrefix, isl, osl } = drawn(configurations);
    return { modelPrefix, isl, osl };
  };
  const page = async (filter: PointFilter) => (await store.points(filter, { limit: 50 })).items.length;
  const since = (days: number): string => {
    const [newest] = points;
    return new Date(Date.parse(newest?.measuredAt ?? '') - days * 86_400_000).toISOString();
  };
  return [
    { name: 'latest points of a chart', run: async () => (await store.latestPoints(chart())).length },
    {
      name: 'latest frontier figures of a chart',
      run: async () => (await store.frontierPoints(chart())).length,
    },
    {
      name: 'as of a month ago, of a chart',
      run: async () => (await store.latestPoints({ ...chart(), until: since(30) })).length,
    },
    {
      name: 'history of a configuration and concurrency',
      run: async () =>
        (await store.chartPoints({ configurationId: drawn(configurations).id, conc: 16 })).length,
    },
    {
      name: 'history of a series, whole',
      run: async () => {
        const { modelPrefix, isl, osl, hw, framework, precision, specDecoding } = drawn(configurations);
        const series = { modelPrefix, isl, osl, hw, framework, precision, specDecoding };
        return (await store.chartPoints(series)).length;
      },
    },
    { name: 'newest points, first page', run: async () => await page({}) },
    {
      name: 'newest points of one hardware type',
      run: async () => await page({ hw: drawn(configurations).hw }),
    },
    {
      name: 'newest points of one configuration',
      run: async () => await page({ configurationId: drawn(configurations).id }),
    },
    {
      name: 'newest points of one chart and engine',
      run: async () => await page({ ...chart(), framework: drawn(configurations).framework }),
    },
    { name: 'oldest day, a page of it', run: async () => await page({ until: '2025-01-02T12:00:00Z' }) },
    { name: 'points of one sweep, a page', run: async () => await page({ sweepId: drawn(points).sweepId }) },
    { name: 'nothing at all like it', run: async () => await page({ hw: 'none' }) },
    {
      name: 'one measurement',
      run: async () => Number((await store.measurement(drawn(points).id)) !== undefined),
    },
    { name: 'configurations', run: async () => (await store.configurations()).length },
    { name: 'shapes', run: async () => (await store.shapes()).length },
    { name: 'counts', run: async () => Number((await store.counts()).points > 0) },
    {
      name: 'extents of the series of a chart',
      run: async () => (await store.seriesExtents({ modelPrefix: 'dsr1', isl: 1024, osl: 1024 })).length,
    },
    {
      name: 'largest changes of the last week',
      run: async () => {
        const asked = { since: since(7), withinDays: 30, limit: 20, shows: () => true };
        return (await store.largestChanges(asked)).largest.length;
      },
    },
    { name: 'sweeps, a page', run: async () => (await store.sweeps({ limit: 100 })).items.length },
    { name: 'reliability', run: async () => (await store.reliability()).length },
    { name: 'failures', run: async () => (await store.failures()).length },
    { name: 'evals, a page', run: async () => (await store.evals()).items.length },
    {
      name: 'ids that begin with',
      run: async () => (await store.idsStartingWith('measurements', drawn(points).id.slice(0, 6), 10)).length,
    },
  ];
}
