import { describe, expect, test } from 'vitest';
import { configurationOfRow, environmentOfRow, rowIdentityOf } from './columns.ts';
import type { MatrixEntry } from './entry.ts';
import { matrixEntrySchema } from './entry-json.ts';
import { fingerprintOf, recipeFingerprint } from './fingerprint.ts';
import { pointKey } from './keys.ts';
import { resultName } from './names.ts';
import { identityOfJob, rowIdentity, scriptVariables } from './row.ts';

const shared = {
  image: 'org/engine:v1',
  model: 'org/model',
  'model-prefix': 'dsr1',
  precision: 'fp8',
  framework: 'vllm',
  runner: 'h200',
  isl: 1024,
  osl: 1024,
  'spec-decoding': 'none',
  'max-model-len': 2248,
  'exp-name': 'dsr1_1k1k',
};
const layout = { tp: 4, ep: 1, 'dp-attn': false };
const workers = { 'num-worker': 2, ...layout };
const node = { ...shared, ...layout, conc: 8, disagg: false };
const nodes = { ...shared, prefill: workers, decode: workers, conc: [8], disagg: true };

/** For each field that came after January's contract: what an entry, its row and a script's environment contain. */
interface Example {
  readonly field: string;
  readonly entry: Readonly<Record<string, unknown>>;
  readonly row: Readonly<Record<string, unknown>>;
  readonly script: Readonly<Record<string, string>>;
  /** The layout in the name of a result, unless other values make the same point. */
  readonly name?: string;
}

const examples: readonly Example[] = [
  {
    field: 'pp, single-node',
    entry: { ...node, pp: 2 },
    row: { pp: 2 },
    script: { PP_SIZE: '2' },
    name: 'tp4-pp2-dcp1-pcp1-ep1-dpafalse_disagg-false',
  },
  {
    field: 'pp, by role',
    entry: { ...nodes, prefill: { ...workers, pp: 2 }, decode: workers },
    row: { prefill_pp: 2, num_prefill_gpu: 16, num_decode_gpu: 8 },
    script: { PREFILL_PP_SIZE: '2', PREFILL_GPUS: '16' },
    name: 'prefill-tp4-pp2-dcp1-pcp1-ep1-dpfalse-nw2_decode-tp4-pp1-dcp1-pcp1-ep1-dpfalse-nw2_disagg-true',
  },
  {
    field: 'dcp-size, by role',
    entry: { ...nodes, prefill: workers, decode: { ...workers, 'dcp-size': 4 } },
    row: { decode_dcp_size: 4, num_decode_gpu: 8 },
    script: { DECODE_DCP_SIZE: '4', DECODE_GPUS: '8' },
    name: 'prefill-tp4-pp1-dcp1-pcp1-ep1-dpfalse-nw2_decode-tp4-pp1-dcp4-pcp1-ep1-dpfalse-nw2_disagg-true',
  },
  {
    field: 'pcp-size, with pp',
    entry: { ...nodes, prefill: { ...workers, pp: 2, 'pcp-size': 2 }, decode: workers },
    row: { prefill_pp: 2, prefill_pcp_size: 2, num_prefill_gpu: 32, num_decode_gpu: 8 },
    script: { PREFILL_PCP_SIZE: '2', PREFILL_GPUS: '32' },
    name: 'prefill-tp4-pp2-dcp1-pcp2-ep1-dpfalse-nw2_decode-tp4-pp1-dcp1-pcp1-ep1-dpfalse-nw2_disagg-true',
  },
  {
    field: 'router',
    entry: { ...node, router: { name: 'vllm-router', version: '0.1.14' } },
    row: { router: { name: 'vllm-router', version: '0.1.14' } },
    script: { ROUTER_METADATA: '{"name":"vllm-router","version":"0.1.14"}' },
    name: 'tp4-pp1-dcp1-pcp1-ep1-dpafalse_disagg-false',
  },
  {
    field: 'kv-p2p-transfer',
    entry: { ...nodes, 'kv-p2p-transfer': 'nixl' },
    row: { kv_p2p_transfer: 'nixl' },
    script: { KV_P2P_TRANSFER: 'nixl' },
    name: 'prefill-tp4-pp1-dcp1-pcp1-ep1-dpfalse-nw2_decode-tp4-pp1-dcp1-pcp1-ep1-dpfalse-nw2_disagg-true',
  },
  {
    field: 'hardware, by role',
    entry: {
      ...nodes,
      prefill: { ...workers, hardware: 'b200' },
      decode: { ...workers, hardware: 'gb200' },
    },
    row: { prefill_hw: 'b200', decode_hw: 'gb200' },
    script: { PREFILL_HARDWARE: 'b200', DECODE_HARDWARE: 'gb200' },
    name: 'prefill-tp4-pp1-dcp1-pcp1-ep1-dpfalse-nw2_decode-tp4-pp1-dcp1-pcp1-ep1-dpfalse-nw2_disagg-true',
  },
  {
    field: 'kv-offloading',
    entry: { ...node, 'kv-offloading': 'dram', 'kv-offload-backend': { name: 'hicache' } },
    row: { kv_offloading: 'dram', kv_offload_backend: { name: 'hicache' } },
    script: { KV_OFFLOADING: 'dram', KV_OFFLOAD_BACKEND_METADATA: '{"name":"hicache"}' },
    name: 'tp4-pp1-dcp1-pcp1-ep1-dpafalse_disagg-false',
  },
  {
    field: 'scenario-type',
    entry: { ...node, 'scenario-type': 'agentic-coding' },
    row: { scenario_type: 'agentic-coding' },
    script: { SCENARIO_TYPE: 'agentic-coding' },
    name: 'tp4-pp1-dcp1-pcp1-ep1-dpafalse_disagg-false',
  },
  {
    field: 'workload',
    entry: {
      ...node,
      'scenario-type': 'shared-prefix',
      workload: 'help-desk@800989dbf3f5',
      traffic: { 'prefix-len': 64, 'suffix-len': 16, 'output-len': 8 },
    },
    row: { scenario_type: 'shared-prefix', workload: 'help-desk@800989dbf3f5' },
    script: { SCENARIO_TYPE: 'shared-prefix', WORKLOAD: 'help-desk@800989dbf3f5' },
    name: 'tp4-pp1-dcp1-pcp1-ep1-dpafalse_disagg-false',
  },
  {
    field: 'acceptance',
    entry: { ...node, acceptance: 'dsv4_mtp' },
    row: { acceptance: 'dsv4_mtp' },
    script: { ACCEPTANCE: 'dsv4_mtp' },
    name: 'tp4-pp1-dcp1-pcp1-ep1-dpafalse_disagg-false',
  },
  {
    field: 'answers-percent',
    entry: { ...node, 'answers-percent': 10 },
    row: { answers_percent: 10 },
    script: { ANSWERS_PERCENT: '10' },
    name: 'tp4-pp1-dcp1-pcp1-ep1-dpafalse_disagg-false',
  },
  {
    field: 'recipe-fingerprint',
    entry: { ...node, 'recipe-fingerprint': 'a'.repeat(64) },
    row: { recipe_fingerprint: 'a'.repeat(64) },
    script: { RECIPE_FINGERPRINT: 'a'.repeat(64) },
  },
];

describe.each(examples)('$field', ({ entry: written, row, script, name }) => {
  const entry: MatrixEntry = matrixEntrySchema.parse(written);
  const plain: MatrixEntry = matrixEntrySchema.parse('prefill' in written ? nodes : node);
  const point = (of: MatrixEntry) => ({ entry: of, conc: 8, hardware: 'h200' });
  const identity = rowIdentity(point(entry));

  test('is in entries as it was written', () => {
    expect(entry).toEqual(written);
  });

  test('is in the row; the other fields equal those of a plain entry with another recipe', () => {
    expect(identity).toMatchObject({ recipe_fingerprint: fingerprintOf(entry), ...row });
    const plainIdentity = rowIdentity(point(plain));
    expect(identity.recipe_fingerprint).not.toBe(plainIdentity.recipe_fingerprint);
    expect({ ...identity, ...plainIdentity }).toEqual({
      ...plainIdentity,
      ...pick(identity, row),
      recipe_fingerprint: plainIdentity.recipe_fingerprint,
    });
  });

  test('is passed to scripts, and read back from their environment', () => {
    const variables = scriptVariables(point(entry));
    expect(variables).toMatchObject(script);
    expect(identityOfJob(variables)({ conc: 8, model: 'org/model' })).toEqual(identity);
  });

  test('is stored, as another configuration if it makes another point', () => {
    const { columns, key } = configurationOfRow(identity);
    const stored = { ...columns, ...environmentOfRow(identity), conc: 8 };
    expect(rowIdentityOf(stored)).toEqual(identity);
    const isOther = pointKey(identity) !== pointKey(rowIdentity(point(plain)));
    expect(isOther).toBe(name !== undefined);
    const plainKey = configurationOfRow(rowIdentity(point(plain))).key;
    expect(JSON.stringify(key) !== JSON.stringify(plainKey)).toBe(isOther);
  });

  test('names the result of another point', () => {
    const recipe = recipeFingerprint(entry).slice(0, 16);
    const august = `dsr1_1k1k_fp8_vllm_${name}_spec-none_conc8_h200-0_recipe-${recipe}`;
    expect(resultName(entry, 8, 'h200-0')).toBe(name === undefined ? resultName(plain, 8, 'h200-0') : august);
  });
});

test('points that differ only in a field without a place in the name have different result names', () => {
  const routers = ['a', 'b'].map((version) => ({ ...node, router: { name: 'vllm-router', version } }));
  const names = routers.map((entry) => resultName(matrixEntrySchema.parse(entry), 8, 'h200-0'));
  expect(new Set(names).size).toBe(2);
});

test('a public entry, which contains its defaults, is named by August’s contract', () => {
  const written = matrixEntrySchema.parse({ ...node, pp: 1, 'dcp-size': 1, 'pcp-size': 1 });
  expect(resultName(written, 8, 'h200-0')).toContain('_tp4-pp1-dcp1-pcp1-ep1-dpafalse_');
  expect(resultName(matrixEntrySchema.parse(node), 8, 'h200-0')).toBe(
    'dsr1_1k1k_fp8_vllm_tp4_ep1_dpa_false_conc8_h200-0',
  );
});

/** The values of a row that are new in it, and those that follow from them. */
function pick(identity: object, row: object): object {
  const values = new Map(Object.entries(identity));
  return Object.fromEntries(
    Object.keys(row).flatMap((name) => (/^num_/.test(name) ? [] : [[name, values.get(name)]])),
  );
}
