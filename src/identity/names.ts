import { isMultiNode, type MatrixEntry, type Values } from './entry.ts';
import { fingerprintOf } from './fingerprint.ts';
import { curveFields, pointFields } from './keys.ts';
import { isAggregated, type RowIdentity } from './row.ts';
import { fieldsInSlot, identityFields, type RowField, roles } from './spelling.ts';
import { entrySlots } from './table.ts';
import { isLeftOut, isTrue, type RowValue, valueText } from './values.ts';

/**
 * The public RESULT_FILENAME of an entry at one concurrency; it ends in `where`, such as the runner node. Entries with
 * fields that January's contract lacks are named by August's contract (contract F10): their fingerprint distinguishes
 * what the rest of the name does not contain.
 */
export function resultName(entry: MatrixEntry, conc: number, where: string): string {
  const beginning = `${entry['exp-name']}_${entry.precision}_${entry.framework}`;
  if (!isOfAugust(entry)) return `${beginning}_${januaryLayout(entry)}_conc${conc}_${where}`;
  const { disagg, 'spec-decoding': speculation } = entry;
  const rest = `disagg-${disagg}_spec-${speculation}_conc${conc}_${where}`;
  return `${beginning}_${augustLayout(entry)}_${rest}_recipe-${fingerprintOf(entry).slice(0, 16)}`;
}

const laterFields = identityFields.filter(({ line }) => line.optional === true && line.part !== 'none');

/** Whether an entry has fields that January's contract lacks. */
export function isOfAugust(entry: MatrixEntry): boolean {
  const places: readonly Values[] = isMultiNode(entry)
    ? [entry, ...roles.map((role) => entry[role])]
    : [entry];
  return laterFields.some(({ entry: name }) => places.some((place) => place[name] !== undefined));
}

const januaryFields = identityFields.filter(({ line }) => line.of === 'layout' && line.optional !== true);

/** `tp8_ep1_dpa_false`, or `prefill_2x_tp8_ep1_dpa_false_decode_…`. */
function januaryLayout(entry: MatrixEntry): string {
  const written = (layout: Values) =>
    januaryFields.map(({ line, entry: name }) => `${line.short ?? ''}${String(layout[name])}`).join('_');
  if (!isMultiNode(entry)) return written(entry);
  return roles.map((role) => `${role}_${entry[role]['num-worker']}x_${written(entry[role])}`).join('_');
}

const augustFields = entrySlots
  .flatMap(fieldsInSlot)
  .flatMap(({ line, entry }) => (line.named === undefined ? [] : [{ line, entry, named: line.named }]));

/** `tp8-pp1-dcp1-pcp1-ep1-dpafalse`, or `prefill-tp8-…-nw2_decode-…`. */
function augustLayout(entry: MatrixEntry): string {
  const written = (layout: Values, at: 0 | 1) =>
    augustFields.flatMap(({ line, entry: name, named }) =>
      named[at] === '' ? [] : `${named[at]}${String(layout[name] ?? line.default)}`,
    );
  if (!isMultiNode(entry)) return written(entry, 0).join('-');
  return roles.map((role) => [role, ...written(entry[role], 1)].join('-')).join('_');
}

/**
 * The fields of a row that January's contract lacks, such as `PP2`, `router vllm-router 0.1.14` or `prefill PP2`;
 * fields at their defaults are omitted.
 */
export function moreNames(fields: readonly RowField[], row: Values): string[] {
  return fields.flatMap(({ line, role, row: name }) => {
    const value = row[name];
    if (line.optional !== true || isLeftOut(line, value)) return [];
    const written = valueText(value as RowValue);
    const short =
      line.short === undefined ? `${line.label.toLowerCase()} ${written}` : `${line.label}${written}`;
    return [role === undefined ? short : `${role} ${short}`];
  });
}

/** Display names for the keys of a row. */
export interface Titles {
  readonly model: (prefix: string) => string;
  readonly engine: (framework: string) => string;
  readonly hardware: (hw: string) => string;
}

const keys: Titles = { model: String, engine: String, hardware: String };

/**
 * The name of a curve, such as `dsr1 1024/1024 h200 sglang fp8`, or with display names of model, engine and hardware.
 */
export function curveName(row: RowIdentity, across: readonly string[] = [], titles: Titles = keys): string {
  const more = moreNames(curveFields, row);
  const names = [
    [titles.model(row.infmax_model_prefix)],
    [`${row.isl}/${row.osl}`],
    across.includes('hw') ? [] : [titles.hardware(row.hw)],
    across.includes('framework') ? [] : [titles.engine(row.framework)],
    across.includes('precision') ? [] : [row.precision],
    row.spec_decoding === 'none' || across.includes('spec_decoding') ? [] : [row.spec_decoding],
    row.disagg ? ['disaggregated'] : [],
  ];
  return [...names.flat(), ...more].join(' ');
}

/** The name of a point on a curve, such as `TP8 EP1 conc 16`. */
export function pointName(row: RowIdentity): string {
  const layout = row.is_multinode
    ? isAggregated(row)
      ? `${row.num_prefill_gpu} GPUs`
      : `P${row.num_prefill_gpu}+D${row.num_decode_gpu}`
    : `TP${row.tp} EP${row.ep}${isTrue(row.dp_attention) ? ' DPA' : ''}`;
  return [layout, ...moreNames(pointOnlyFields, row), `conc ${row.conc}`].join(' ');
}

const pointOnlyFields = pointFields.filter((field) => !curveFields.includes(field));

/**
 * The layout of a row's engine on its GPUs, such as `TP8 EP1`, `prefill 2×TP4 EP4 + decode 1×TP8 EP8` or, if the same
 * workers do both, `aggregated 2×TP4 EP4`.
 */
export function layoutName(row: RowIdentity): string {
  const more = moreNames(
    pointOnlyFields.filter(({ line }) => line.of !== 'entry'),
    row,
  );
  return [layoutWithoutMore(row), ...more].join(' ');
}

function layoutWithoutMore(row: RowIdentity): string {
  const parallel = (tp?: number, ep?: number, attention?: string) =>
    `TP${tp} EP${ep}${isTrue(attention) ? ' DP attention' : ''}`;
  // For some published points only the number of GPUs per role is known.
  const role = (gpus?: number, workers?: number, tp?: number, ep?: number, attention?: string) =>
    tp === undefined ? `${gpus} GPUs` : `${workers}×${parallel(tp, ep, attention)}`;
  if (!row.is_multinode) return parallel(row.tp, row.ep, row.dp_attention);
  const prefill = role(
    row.num_prefill_gpu,
    row.prefill_num_workers,
    row.prefill_tp,
    row.prefill_ep,
    row.prefill_dp_attention,
  );
  if (isAggregated(row)) return `aggregated ${prefill}`;
  const decode = role(
    row.num_decode_gpu,
    row.decode_num_workers,
    row.decode_tp,
    row.decode_ep,
    row.decode_dp_attention,
  );
  return `prefill ${prefill} + decode ${decode}`;
}
