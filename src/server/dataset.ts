import type { Store, StoredPoint } from '../store/index.ts';
import type { Dataset, PointView } from './api.ts';

/** The latest measurement of every point, or of one sweep's points, in the form the dashboard reads. */
export async function datasetOf(
  store: Store,
  filter: { readonly sweepId?: string | undefined } = {},
): Promise<Dataset> {
  const [sweeps, points] = await Promise.all([store.sweeps(), store.latestPoints(filter)]);
  return {
    sweeps: sweeps
      .filter(({ id }) => filter.sweepId === undefined || id === filter.sweepId)
      .map((sweep) => ({ id: sweep.id, createdAt: sweep.createdAt })),
    points: points.map(viewOf),
  };
}

function viewOf({ id, sweepId, measuredAt, row, verdict, reasons }: StoredPoint): PointView {
  const metric = (name: string): number => Number(row[name] ?? Number.NaN);
  return {
    id,
    sweepId,
    measuredAt,
    modelPrefix: row.infmax_model_prefix,
    model: row.model,
    hw: row.hw,
    framework: row.framework,
    image: row.image,
    precision: row.precision,
    specDecoding: row.spec_decoding,
    disagg: row.disagg,
    isl: row.isl,
    osl: row.osl,
    conc: row.conc,
    layout: row.is_multinode
      ? `prefill ${row.num_prefill_gpu} + decode ${row.num_decode_gpu} GPUs`
      : `TP${row.tp} EP${row.ep}${row.dp_attention === 'true' ? ' DP attention' : ''}`,
    tputPerGpu: row.tput_per_gpu,
    outputTputPerGpu: row.output_tput_per_gpu,
    inputTputPerGpu: row.input_tput_per_gpu,
    ttftMs: 1000 * metric('median_ttft'),
    tpotMs: 1000 * metric('median_tpot'),
    interactivity: metric('median_intvty'),
    e2elS: metric('median_e2el'),
    p99TtftMs: 1000 * metric('p99_ttft'),
    verdict,
    reasons,
  };
}
