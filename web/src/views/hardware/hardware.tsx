import type { HardwareDocument } from '../../../../src/server/api.ts';
import { type Names, useNames } from '../../data/names.ts';
import { useDocument } from '../../data/use-loaded.ts';
import { About } from '../../parts/about.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import type { FigureColumn } from '../../parts/figures.ts';
import { age, day } from '../../parts/format.ts';
import { Notice, Ready } from '../../parts/states.tsx';
import { linkTo } from '../../state/use-route.ts';
import { sweepsParams } from '../sweeps/params.ts';
import { sourcesOf } from './sources.ts';
import { type SpecRow, SpecsTable } from './specs-table.tsx';

/** The known figures of each GPU, their sources, and when it was measured. */
export function Hardware() {
  const loaded = useDocument('hardware');
  return (
    <Ready of={loaded} height={900}>
      {(document) => <Page document={document} />}
    </Ready>
  );
}

const specs: readonly SpecRow[] = [
  { label: 'Memory, GB', of: ({ specs: { memoryGb } }) => memoryGb },
  { label: 'Memory bandwidth, TB/s', of: ({ specs: { memoryBandwidthTbPerS } }) => memoryBandwidthTbPerS },
  { label: 'Dense BF16, TFLOP/s', of: ({ specs: { denseBf16Tflops } }) => denseBf16Tflops },
  { label: 'Dense FP8, TFLOP/s', of: ({ specs: { denseFp8Tflops } }) => denseFp8Tflops },
  { label: 'Dense FP4, TFLOP/s', of: ({ specs: { denseFp4Tflops } }) => denseFp4Tflops },
  { label: 'Board power, W', of: ({ specs: { tdpW } }) => tdpW },
  {
    label: 'Scale-up bandwidth, GB/s',
    of: ({ specs: { scaleUpBandwidthGbPerS } }) => scaleUpBandwidthGbPerS,
  },
  { label: 'GPUs in the scale-up domain', of: ({ specs: { scaleUpGpus } }) => scaleUpGpus },
];

const economics: readonly SpecRow[] = [
  { label: 'All-in power, kW', decimals: 2, of: ({ allInPowerKw }) => allInPowerKw },
  {
    label: '$/h, owner at hyperscaler scale',
    decimals: 2,
    of: ({ usdPerGpuHour }) => usdPerGpuHour.hyperscaler,
  },
  { label: '$/h, owner at neocloud scale', decimals: 2, of: ({ usdPerGpuHour }) => usdPerGpuHour.neocloud },
  { label: '$/h, 3-year rental', decimals: 2, of: ({ usdPerGpuHour }) => usdPerGpuHour.rental },
];

type Measured = HardwareDocument['measured'][number];

/** A day and how long ago it is, with the runs that it is from. */
const dateOf = (
  key: string,
  header: string,
  at: (measured: Measured) => string | null,
): FigureColumn<Measured> => ({
  key,
  header,
  value: at,
  show: (measured) => {
    const when = at(measured);
    return when === null ? '–' : `${day(when)} (${age(when)})`;
  },
  href: (measured) => (at(measured) === null ? undefined : linkTo('runs', sweepsParams, { hw: measured.hw })),
});

const measuredColumns = (names: Names): readonly FigureColumn<Measured>[] => [
  { key: 'name', header: 'Hardware', value: ({ hw }) => names.hardware(hw) },
  { key: 'hw', header: 'Name in configs', value: ({ hw }) => hw },
  {
    key: 'gpu',
    header: 'Power and prices of',
    value: ({ gpu }) => gpu,
    show: ({ gpu }) => (gpu === null ? 'none, so it has no cost or power figures' : names.hardware(gpu)),
  },
  { key: 'points', header: 'Points', numeric: true, value: ({ points }) => points },
  dateOf('last_measured_at', 'Newest point', ({ lastMeasuredAt }) => lastMeasuredAt),
  dateOf('last_scored_at', 'Newest score', ({ lastScoredAt }) => lastScoredAt),
];

function Page({ document }: { readonly document: HardwareDocument }) {
  const { gpus, measured } = document;
  const names = useNames();
  const sources = sourcesOf(
    gpus.flatMap((gpu) => [...specs, ...economics].flatMap(({ of }) => of(gpu) ?? [])),
  );
  return (
    <>
      <div class="page-head">
        <h1>Hardware</h1>
        <p class="quiet">
          Vendors' specifications, and the power and prices behind the derived figures. A superscript is the
          number of the source; a dash means that no source has the figure.
        </p>
      </div>
      {gpus.length === 0 ? (
        <Notice title="No hardware descriptions">
          <p>Cost and power figures need them.</p>
        </Notice>
      ) : (
        <>
          <SpecsTable
            title="Specifications"
            gpus={gpus}
            rows={specs}
            sources={sources}
            fileName="hardware_specs"
          />
          <SpecsTable
            title="Power and price"
            gpus={gpus}
            rows={economics}
            sources={sources}
            fileName="hardware_costs"
          />
          <section class="card" aria-labelledby="sources">
            <h2 id="sources">Sources</h2>
            <ol>
              {sources.map((source) => (
                <li key={source}>
                  <Source text={source} />
                </li>
              ))}
            </ol>
          </section>
        </>
      )}
      {measured.length > 0 && (
        <section class="card">
          <div class="figure-title">
            <h2>Measured hardware</h2> <About topic="hardware" of="Measured hardware" />
          </div>
          <p class="quiet">
            Of any model. “Points” counts the newest measurement of each configuration and concurrency; a
            score is one accuracy check. The dates link to the runs, whose list has the same ones.
          </p>
          <DataTable caption="Measured hardware" columns={measuredColumns(names)} rows={measured} />
        </section>
      )}
    </>
  );
}

/** Addresses in a source are links. */
function Source({ text }: { readonly text: string }) {
  const url = /https?:\/\/\S+/.exec(text)?.[0];
  if (url === undefined) return text;
  const [before = '', after = ''] = text.split(url);
  return (
    <>
      {before}
      <a href={url}>{url}</a>
      {after}
    </>
  );
}
