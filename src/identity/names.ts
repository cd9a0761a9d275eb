import { pathPart } from '../derived/path-part.ts';
import type { MatrixEntry, Values } from './entry.ts';
import { isMultiNode } from './entry.ts';
import { curveFields, pointFields } from './keys.ts';
import type { RowIdentity } from './row.ts';
import { type IdentityField, identityFields, type RowField, roles } from './spelling.ts';
import { isLeftOut, isTrue, type RowValue, valueText } from './values.ts';

/**
 * The public RESULT_FILENAME without its last part, the runner node (contract §7). What January's contract does not
 * have is in it where it is not at its default, so that no two points of a sweep share a file.
 */
export function resultName(entry: MatrixEntry, conc: number): string {
  const layout = isMultiNode(entry)
    ? roles.map((role) => `${role}_${entry[role]['num-worker']}x_${layoutIn(entry[role], '_')}`).join('_')
    : layoutIn(entry, '_');
  const more = identityFields.filter(
    ({ line }) => line.of === 'entry' && line.optional === true && line.part !== 'none',
  );
  const values: Values = entry;
  const extra = more.flatMap(({ line, entry: name }) =>
    isLeftOut(line, values[name]) ? [] : `_${name}-${pathPart(valueText(values[name] as RowValue))}`,
  );
  return `${entry['exp-name']}_${entry.precision}_${entry.framework}_${layout}${extra.join('')}_conc${conc}`;
}

const layoutFields = identityFields.filter(
  ({ line }) => line.of === 'layout' || (line.of === 'role' && line.optional === true),
);

/** `tp8_ep1_dpa_false`. */
function layoutIn(layout: Values, sign: string): string {
  return layoutFields.flatMap(({ line, entry }) => shortened({ line, entry }, layout[entry])).join(sign);
}

function shortened({ line, entry }: Pick<IdentityField, 'line' | 'entry'>, value: unknown): string[] {
  if (isLeftOut(line, value)) return [];
  return [`${line.short ?? `${entry}-`}${pathPart(valueText(value as RowValue))}`];
}

/**
 * What a row has that January's contract does not have, in words such as `PP2`, `router vllm-router 0.1.14` or
 * `prefill PP2`; nothing for what is at its default.
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

/** A curve by name, such as `dsr1 1024/1024 h200 sglang fp8`. */
export function curveName(row: RowIdentity, across: readonly string[] = []): string {
  const more = moreNames(curveFields, row);
  const names = [
    [row.infmax_model_prefix],
    [`${row.isl}/${row.osl}`],
    across.includes('hw') ? [] : [row.hw],
    across.includes('framework') ? [] : [row.framework],
    across.includes('precision') ? [] : [row.precision],
    row.spec_decoding === 'none' || across.includes('spec_decoding') ? [] : [row.spec_decoding],
    row.disagg ? ['disaggregated'] : [],
  ];
  return [...names.flat(), ...more].join(' ');
}

/** A point of a curve by name, such as `TP8 EP1 conc 16`. */
export function pointName(row: RowIdentity): string {
  const layout = row.is_multinode
    ? `P${row.num_prefill_gpu}+D${row.num_decode_gpu}`
    : `TP${row.tp} EP${row.ep}${isTrue(row.dp_attention) ? ' DPA' : ''}`;
  return [layout, ...moreNames(pointOnlyFields, row), `conc ${row.conc}`].join(' ');
}

const pointOnlyFields = pointFields.filter((field) => !curveFields.includes(field));

/** How a row's engine is laid out over GPUs, such as `TP8 EP1` or `prefill 2×TP4 EP4 + decode 1×TP8 EP8`. */
export function layoutName(row: RowIdentity): string {
  const parallel = (tp?: number, ep?: number, attention?: string) =>
    `TP${tp} EP${ep}${isTrue(attention) ? ' DP attention' : ''}`;
  // Of some published points only the GPUs of each role are known.
  const role = (gpus?: number, workers?: number, tp?: number, ep?: number, attention?: string) =>
    tp === undefined ? `${gpus} GPUs` : `${workers}×${parallel(tp, ep, attention)}`;
  const layout = row.is_multinode
    ? `prefill ${role(row.num_prefill_gpu, row.prefill_num_workers, row.prefill_tp, row.prefill_ep, row.prefill_dp_attention)} + decode ${role(row.num_decode_gpu, row.decode_num_workers, row.decode_tp, row.decode_ep, row.decode_dp_attention)}`
    : parallel(row.tp, row.ep, row.dp_attention);
  const more = moreNames(
    pointOnlyFields.filter(({ line }) => line.of !== 'entry'),
    row,
  );
  return [layout, ...more].join(' ');
}
