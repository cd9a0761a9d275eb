import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Dataset, PointView } from '../../src/server/api.ts';
import { Answer } from './answer.tsx';
import { Chart } from './chart.tsx';
import { e2eLatency, interactivity, throughputs } from './measures.ts';
import { PointsTable } from './points-table.tsx';
import { seriesOf } from './series.ts';
import { hashOf, type ViewState, viewStateFrom } from './view-state.ts';

export function App({ dataset }: { readonly dataset: Dataset }) {
  const choices = useMemo(() => choicesOf(dataset.points), [dataset]);
  const [state, setState] = useState(() => viewStateFrom(location.hash, choices));
  useEffect(() => {
    const follow = () => setState(viewStateFrom(location.hash, choices));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, [choices]);
  const series = useMemo(
    () => seriesOf(dataset.points.filter((point) => shows(state, point))),
    [dataset, state],
  );
  const throughput = throughputs.find(({ key }) => key === state.throughput);
  if (throughput === undefined || dataset.points.length === 0) return <Empty />;
  const change = (part: Partial<ViewState>) => {
    location.hash = hashOf({ ...state, ...part });
  };
  return (
    <>
      <header>
        <h1>InferenceMAX</h1>
        <p class="quiet">LLM inference, measured. {freshness(dataset)}</p>
      </header>
      <main data-shape={state.shape}>
        <form class="controls" onSubmit={(event) => event.preventDefault()}>
          <Choice
            label="Model"
            value={state.modelPrefix}
            options={choices.modelPrefixes.map((name) => [name, name])}
            onChange={(modelPrefix) => change({ modelPrefix })}
          />
          <Choice
            label="Input/output tokens"
            value={state.shape}
            options={choices.shapesOf(state.modelPrefix).map((shape) => [shape, shape])}
            onChange={(shape) => change({ shape })}
          />
          <Choice
            label="Throughput"
            value={state.throughput}
            options={throughputs.map(({ key }) => [key, key])}
            onChange={(key) => change({ throughput: key })}
          />
        </form>
        <Answer series={series} throughput={throughput} />
        <ul class="legend">
          {series.map(({ name, colour }) => (
            <li key={name}>
              <span class="swatch" style={{ background: colour }} /> {name}
            </li>
          ))}
          <li class="quiet">numbers are concurrencies; the line is the Pareto frontier</li>
        </ul>
        <div class="charts">
          <Chart x={interactivity} y={throughput} series={series} />
          <Chart x={e2eLatency} y={throughput} series={series} />
        </div>
        <PointsTable series={series} />
      </main>
    </>
  );
}

export function Empty() {
  return (
    <main class="message">
      <h1>No measurements yet</h1>
      <p>
        Run <code>npm run quickstart</code> (or <code>inferencemax run</code>) and load this page again.
      </p>
    </main>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, options, onChange }: ChoiceProps) {
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </label>
  );
}

function choicesOf(points: readonly PointView[]) {
  const shapes = Map.groupBy(points, (point) => point.modelPrefix);
  return {
    modelPrefixes: [...shapes.keys()],
    shapesOf: (modelPrefix: string) => [...new Set((shapes.get(modelPrefix) ?? []).map(shapeOf))],
  };
}

function shows(state: ViewState, point: PointView): boolean {
  return point.modelPrefix === state.modelPrefix && shapeOf(point) === state.shape;
}

function shapeOf({ isl, osl }: PointView): string {
  return `${isl}/${osl}`;
}

function freshness({ points, sweeps }: Dataset): string {
  const newest = points
    .map(({ measuredAt }) => measuredAt)
    .toSorted()
    .at(-1);
  const when = newest === undefined ? '' : `Last measured ${new Date(newest).toLocaleString()}`;
  const [sweep] = sweeps;
  return sweep === undefined ? when : `${when}, sweep ${sweep.id}.`;
}
