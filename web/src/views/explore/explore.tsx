import { useCallback, useMemo } from 'preact/hooks';
import { pointsOf } from '../../../../src/derived/answer.ts';
import { envelopesOf } from '../../../../src/derived/envelope.ts';
import { xMeasures, yMeasures } from '../../../../src/derived/measures.ts';
import type { HardwareDocument, IndexDocument } from '../../../../src/server/api.ts';
import {
  type AxesOf,
  frontierPoints,
  type Grouping,
  type PlotSeries,
  plotSeriesOf,
} from '../../charts/frontier/plot-series.ts';
import { levelValueOf } from '../../data/decision-words.ts';
import { measureOn } from '../../data/device.ts';
import { hardwareAsOf } from '../../data/hardware-as-of.ts';
import { type Gpus, gpusOf } from '../../data/measured.ts';
import { useNames } from '../../data/names.ts';
import { type PublishedPoint, shapeAddress, shapeName } from '../../data/points.ts';
import { roleNote } from '../../data/role-throughput.ts';
import { hasSessions } from '../../data/scenario-words.ts';
import { loadPoints, parseWhen } from '../../data/shape-points.ts';
import { type DecisionBasis, shapeAsked, useBasis, useDecidedOf } from '../../data/use-decision.ts';
import { shownOf, useDocument, useLoaded } from '../../data/use-loaded.ts';
import { plural } from '../../parts/format.ts';
import { priceBasisWords } from '../../parts/price-dates.tsx';
import { Remarks } from '../../parts/remarks.tsx';
import { NoMeasurements, Notice, Ready } from '../../parts/states.tsx';
import { needOf } from '../../state/question.ts';
import type { Route } from '../../state/route.ts';
import { type ChangeParams, useParams } from '../../state/use-route.ts';
import { type EngineMarkers, engineMarkersOf } from '../../theme/engine-shapes.ts';
import { useTheme } from '../../theme/theme.ts';
import { Comparison } from './comparison.tsx';
import { Controls } from './controls.tsx';
import { ExploreFigure } from './figure.tsx';
import { facets, filtered } from './filters.ts';
import { type ExploreValues, exploreParams, sessionMeasure, usualX } from './params.ts';
import { Pinned } from './pinned.tsx';

/** Any two measures of a model and shape against each other, chosen, zoomed, pinned and compared. */
export function Explore({ route }: { readonly route: Route }) {
  const [values, change] = useParams(route, exploreParams);
  const index = useDocument('index');
  return (
    <Ready of={index} height={700}>
      {(document) => {
        const shape = shapeAsked(document, values);
        return shape === undefined ? (
          <NoMeasurements />
        ) : (
          <ExploreShape
            key={shape.modelPrefix}
            index={document}
            shape={shape}
            values={values}
            change={change}
          />
        );
      }}
    </Ready>
  );
}

interface ExploreShapeProps {
  readonly index: IndexDocument;
  readonly shape: IndexDocument['shapes'][number];
  readonly values: ExploreValues;
  readonly change: ChangeParams<ExploreValues>;
}

function ExploreShape({ index, shape, values: asked, change: changeAsked }: ExploreShapeProps) {
  const usual = usualX(shape);
  const values = useMemo(() => (asked.x === 'usual' ? { ...asked, x: usual } : asked), [asked, usual]);
  const change = useCallback<ChangeParams<ExploreValues>>(
    (part, how, drop) => changeAsked(part.x === usual ? { ...part, x: 'usual' } : part, how, drop),
    [changeAsked, usual],
  );
  const loaded = useLoaded(`${shape.key} ${values.when}`, () =>
    loadPoints(shape.key, parseWhen(values.when)),
  );
  const compared = useLoaded(values.compare === '' ? undefined : `${shape.key} ${values.compare}`, () =>
    loadPoints(shape.key, parseWhen(values.compare)),
  );
  const hardware = useDocument('hardware');
  const gpus = useMemo(() => gpusOf(shownOf(hardware), values.constants), [hardware, values.constants]);
  const markers = useMemo(() => engineMarkersOf(index), [index]);
  const axes = useAxes(values, shape.hardware);
  const byFrontierOf = useFrontierRule(shape, axes);
  const points = shownOf(loaded) ?? noPoints;
  const before = values.compare === '' ? noPoints : (shownOf(compared) ?? noPoints);
  const names = useNames();
  const basis = shownOf(useBasis(shape));
  const answers = useAnswers(basis, values, axes);
  const hardwareShown = useMemo(
    () => [...new Set(points.map(({ series }) => series.hw))].toSorted(),
    [points],
  );
  const { allowed, level, lines } = answers;
  const withPolicy = useMemo(
    () => (values.allow === 'any' ? points : points.filter(({ id }) => allowed.has(id))),
    [points, allowed, values.allow],
  );
  const grouping = useMemo(
    (): Grouping => ({
      // A single hardware is always unfolded.
      open: hardwareShown.length === 1 ? hardwareShown : values.open,
      lines,
      ...names,
    }),
    [hardwareShown, values.open, lines, names],
  );
  const { series: all, among } = useSeries(withPolicy, withPolicy, values, {
    axes,
    gpus,
    markers,
    grouping,
    byFrontierOf,
  });
  const { series: allBefore } = useSeries(before, withPolicy, values, {
    axes,
    gpus,
    markers,
    grouping,
    byFrontierOf,
  });
  const shown = useMemo(() => all.filter(({ key }) => !values.hide.includes(key)), [all, values.hide]);
  const shownBefore = useMemo(
    () => (values.compare === '' ? undefined : allBefore.filter(({ key }) => !values.hide.includes(key))),
    [allBefore, values.hide, values.compare],
  );
  const count = shown.reduce((sum, series) => sum + series.dots.length, 0);
  const without = among - all.reduce((sum, series) => sum + series.placed, 0);
  const limits = useMemo(
    () =>
      [
        without > 0
          ? `${plural(without, 'point')} without ${lowerFirst(axes.x.label)} or ${lowerFirst(axes.y.label)} left out.`
          : '',
        roleNote(axes.y, points),
        priceNote(axes, shownOf(hardware), values.constants),
      ].filter((sentence) => sentence !== ''),
    [without, axes, points, hardware, values.constants],
  );
  return (
    <div class="explore">
      <div class="page-head">
        <h1>
          {names.model(shape.modelPrefix)}, {shapeName(shape)}
        </h1>
        {values.model !== '' && values.model !== shape.modelPrefix && (
          <p class="warn" role="status">
            There are no measurements of a model called {values.model}; this is {shape.modelPrefix}.
          </p>
        )}
        <p class="quiet" aria-live="polite" data-testid="summary">
          {plural(count, 'point')} in {plural(shown.length, 'series', 'series')}
          {without > 0 && ` · ${plural(without, 'point')} without these measures left out`}
        </p>
        {byFrontierOf !== undefined && (
          <p class="quiet" data-testid="frontier-rule">
            Only points on the frontier by {lowerFirst(byFrontierOf.x.label)}, the main figure of sessions of
            coding agents.
          </p>
        )}
        <Remarks shape={shape} />
      </div>
      <details class="controls-drawer" open={matchMedia('(min-width: 60rem)').matches}>
        <summary>Choose what is shown</summary>
        <Controls index={index} points={withPolicy} values={values} change={change} />
      </details>
      <div class="explore-main" data-shown={loaded.state === 'ready' ? shapeAddress(shape) : undefined}>
        <Ready of={loaded} height={640}>
          {() =>
            all.length === 0 ? (
              <Notice title="No point matches">
                <p>
                  {points.length === 0
                    ? 'Nothing was measured for this model and workload then. Choose another day or run.'
                    : `None of the ${plural(points.length, 'point')} passes the filters and has both measures. Hardware without a known price or power has no cost or power figures.`}
                </p>
                <button
                  type="button"
                  class="primary"
                  onClick={() => change({ ...unfiltered, y: 'total-tput', x: 'usual' })}
                >
                  Show throughput of everything
                </button>
              </Notice>
            ) : (
              <>
                <ExploreFigure
                  shape={shape}
                  axes={axes}
                  all={all}
                  shown={shown}
                  before={shownBefore}
                  values={values}
                  change={change}
                  names={names}
                  level={level}
                  hardware={hardwareShown}
                  limits={limits}
                />
                {shownBefore !== undefined && (
                  <Ready of={compared} height={120}>
                    {() => <Comparison axes={axes} before={shownBefore} after={shown} values={values} />}
                  </Ready>
                )}
                <Pinned shown={all} axes={axes} values={values} change={change} />
              </>
            )
          }
        </Ready>
      </div>
    </div>
  );
}

const noPoints: readonly PublishedPoint[] = [];
const unfiltered = {
  ...Object.fromEntries(facets.map(({ name }) => [name, []])),
  precision: ['all'],
  disagg: 'any',
  nodes: 'any',
  when: '',
  hide: [],
  zoom: undefined,
} as const;

function useAxes({ x, y }: ExploreValues, hardware: readonly string[]): AxesOf {
  return useMemo(() => {
    const [xMeasure, yMeasure] = [
      xMeasures.find(({ key }) => key === x),
      yMeasures.find(({ key }) => key === y),
    ];
    if (xMeasure === undefined || yMeasure === undefined) throw new Error(`no measure ${x} or ${y}`);
    return { x: measureOn(xMeasure, hardware), y: measureOn(yMeasure, hardware) };
  }, [x, y, hardware]);
}

/** On other axes, sessions are shown by the points of the frontier of their main figure (contract F7). */
function useFrontierRule(shape: IndexDocument['shapes'][number], axes: AxesOf): AxesOf | undefined {
  const { hardware } = shape;
  const applies = hasSessions(shape) && axes.x.key !== sessionMeasure;
  return useMemo(() => {
    const main = xMeasures.find(({ key }) => key === sessionMeasure);
    return applies && main !== undefined ? { x: measureOn(main, hardware), y: axes.y } : undefined;
  }, [applies, hardware, axes.y]);
}

function useSeries(
  points: readonly PublishedPoint[],
  ofChart: readonly PublishedPoint[],
  values: ExploreValues,
  options: {
    readonly axes: AxesOf;
    readonly gpus: Gpus;
    readonly markers: EngineMarkers;
    readonly grouping: Grouping;
    readonly byFrontierOf: AxesOf | undefined;
  },
): { readonly series: readonly PlotSeries[]; readonly among: number } {
  const { mode } = useTheme();
  const { axes, gpus, markers, grouping, byFrontierOf } = options;
  const { disagg, nodes, show } = values;
  const chosen = facets.map(({ name }) => values[name].join()).join('|');
  return useMemo(() => {
    const passing = filtered(points, values, ofChart);
    const among =
      byFrontierOf === undefined ? passing : frontierPoints(passing, byFrontierOf, gpus, grouping);
    const series = plotSeriesOf(among, axes, gpus, { mode, markers }, grouping);
    return {
      series: show === 'all' ? series : series.map((one) => ({ ...one, dots: one.frontier })),
      among: among.length,
    };
  }, [points, ofChart, chosen, disagg, nodes, show, axes, gpus, mode, markers, grouping, byFrontierOf]);
}

const noLines: Grouping['lines'] = new Map();
const noIds: ReadonlySet<string> = new Set();

/** The answers to the question, if the chart's axes are those of the question: lines by hardware, and their values. */
function useAnswers(basis: DecisionBasis | undefined, values: ExploreValues, axes: AxesOf) {
  const decided = useDecidedOf(basis, values);
  const isOfQuestion =
    axes.x.key === `${values.stat}-interactivity` && axes.y.key === 'total-tput' && values.tokens === 'total';
  const isFiltered = facets.some(({ name }) => values[name].length > 0) || values.when !== '';
  const allowed = useMemo(
    () => (decided === undefined ? noIds : new Set(decided.allowed.map(({ id }) => id))),
    [decided?.allowed],
  );
  const { speedStatistic, ttftMs, ttftStatistic, tokens, arrival } = needOf(values, decided?.speed ?? 0);
  const readings = isOfQuestion ? decided?.readings : undefined;
  // Kept while a filter hides them, so that they need not be computed again.
  const ofQuestion = useMemo((): Grouping['lines'] => {
    if (readings === undefined) return noLines;
    const limits = { speedStatistic, ttftMs, ttftStatistic, tokens, arrival };
    const envelopes = envelopesOf(readings, limits);
    return new Map(
      envelopes.map(({ hw, places }) => [
        hw,
        {
          line: places.map(({ speed: x, answer }) => ({ x, y: answer.tputPerGpu })),
          ids: new Set(places.flatMap(({ answer }) => pointsOf(answer).map(({ id }) => id))),
        },
      ]),
    );
  }, [readings, speedStatistic, ttftMs, ttftStatistic, tokens, arrival]);
  const lines = isFiltered ? noLines : ofQuestion;
  return useMemo(() => {
    if (decided === undefined || readings === undefined || isFiltered)
      return { allowed, lines, level: undefined };
    const { rows } = decided.decision;
    const read = new Map(rows.map(({ answer }) => [answer.hw, levelValueOf(answer)]));
    return { allowed, lines, level: { x: decided.speed, values: read } };
  }, [decided, readings, isFiltered, allowed, lines]);
}

/** Whose prices a cost axis uses, of which month and from which source. */
function priceNote({ y }: AxesOf, hardware: HardwareDocument | undefined, month: string): string {
  return y.payer === undefined || hardware === undefined
    ? ''
    : priceBasisWords({ hardware: hardwareAsOf(hardware, month), payer: y.payer });
}

function lowerFirst(label: string): string {
  return label.charAt(0).toLowerCase() + label.slice(1);
}
