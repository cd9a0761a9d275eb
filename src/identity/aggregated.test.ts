import { describe, expect, test } from 'vitest';
import { configurationOfRow, environmentOfRow, rowIdentityOf } from './columns.ts';
import { isMultiNode, laterFieldsOfEntry } from './entry.ts';
import { matrixEntrySchema } from './entry-json.ts';
import { pointKey } from './keys.ts';
import { layoutName, pointName } from './names.ts';
import { gpusOfRow, identityOfJob, rowIdentity, scriptVariables } from './row.ts';
import { evalSubject } from './subject.ts';

const workers = { tp: 8, ep: 32, 'dp-attn': true };
const entry = matrixEntrySchema.parse({
  image: 'org/engine:v1',
  model: 'org/model',
  'model-prefix': 'kimik3',
  precision: 'fp4',
  framework: 'dynamo-vllm',
  runner: 'h200',
  isl: 8192,
  osl: 1024,
  'spec-decoding': 'mtp',
  prefill: { 'num-worker': 4, ...workers },
  decode: { 'num-worker': 0, ...workers, pp: 2 },
  conc: [8],
  'max-model-len': 9472,
  'exp-name': 'kimik3_8k1k',
  disagg: false,
});

describe('multi-node engines whose workers both prefill and decode (decode num-worker: 0)', () => {
  const row = rowIdentity({ entry, conc: 8, hardware: 'h200' });

  test('have 0 for the counts of decode workers, and no other layout fields for them', () => {
    expect(row).toMatchObject({
      num_prefill_gpu: 32,
      prefill_num_workers: 4,
      prefill_tp: 8,
      prefill_ep: 32,
      num_decode_gpu: 0,
      decode_num_workers: 0,
      decode_tp: 0,
      decode_ep: 0,
      decode_dp_attention: 'true',
    });
    expect(row).not.toHaveProperty('decode_pp');
    const planned = rowIdentity({ entry, conc: 8, hardware: 'h200', phaseGpus: { prefill: 32, decode: 0 } });
    expect(planned).toEqual(row);
  });

  test('produce their output on all GPUs', () => {
    expect(gpusOfRow(row)).toEqual({ all: 32, prefill: 32, decode: 32 });
  });

  test('are passed to scripts and stored', () => {
    expect(identityOfJob(scriptVariables({ entry, conc: 8, hardware: 'h200' }))(row)).toEqual(row);
    const { columns } = configurationOfRow(row);
    expect(rowIdentityOf({ ...columns, ...environmentOfRow(row), conc: 8 })).toEqual(row);
  });

  test('are different points than with decode workers', () => {
    if (!isMultiNode(entry)) throw new Error('it is not a multi-node entry');
    const apart = { ...entry, decode: { ...entry.decode, 'num-worker': 1 } };
    expect(pointKey(rowIdentity({ entry: apart, conc: 8, hardware: 'h200' }))).not.toBe(pointKey(row));
  });

  test('are named aggregated', () => {
    expect(layoutName(row)).toBe('aggregated 4×TP8 EP32 DP attention');
    expect(pointName(row)).toBe('32 GPUs conc 8');
  });

  test('have their prefill workers as the subject of accuracy checks', () => {
    expect(evalSubject(row)).toMatchObject({ tp: 8, ep: 32, dp_attention: 'true' });
  });

  test('need a recipe that supports them', () => {
    expect(laterFieldsOfEntry(entry)).toEqual(['pp', 'decode num-worker: 0']);
  });

  test('require prefill workers', () => {
    if (!isMultiNode(entry)) throw new Error('it is not a multi-node entry');
    const none = { ...entry, prefill: { ...entry.prefill, 'num-worker': 0 } };
    expect(matrixEntrySchema.safeParse(none).success).toBe(false);
  });
});
