import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../package-root.ts';
import { fingerprintOf, recipeFingerprint } from './fingerprint.ts';
import { rowIdentity } from './row.ts';

const workers = { tp: 8, pp: 2, 'dcp-size': 4, 'pcp-size': 1, ep: 8, 'dp-attn': true };
const entry = {
  image: 'org/engine:v1',
  model: 'org/model',
  'model-prefix': 'dsr1',
  precision: 'fp8',
  framework: 'dynamo-vllm',
  runner: 'gb200',
  isl: 8192,
  osl: 1024,
  'spec-decoding': 'mtp',
  prefill: { 'num-worker': 2, ...workers, hardware: 'b200', 'additional-settings': ['A=1', 'B=2'] },
  decode: { 'num-worker': 1, ...workers, hardware: 'gb200' },
  conc: [8, 16],
  'max-model-len': 9472,
  'exp-name': 'dsr1_8k1k',
  disagg: true,
  router: { name: 'vllm-router', version: '0.1.14' },
  'kv-p2p-transfer': 'nixl',
  'kv-offloading': 'dram',
  'kv-offload-backend': { name: 'hicache' },
};
const original = recipeFingerprint(entry);

type Path = readonly string[];

/** The paths of all values that are not objects, including list elements. */
function leavesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]));
}

function changed(value: unknown, [name, ...rest]: Path): unknown {
  if (name === undefined) {
    if (typeof value === 'number') return value + 1;
    return typeof value === 'boolean' ? !value : `${value}x`;
  }
  if (Array.isArray(value))
    return value.map((one, index) => (String(index) === name ? changed(one, rest) : one));
  const fields: Readonly<Record<string, unknown>> = { ...(value as object) };
  return { ...fields, [name]: changed(fields[name], rest) };
}

function shuffled(value: unknown, order: (names: readonly string[]) => readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((one) => shuffled(one, order));
  if (typeof value !== 'object' || value === null) return value;
  const fields = new Map(Object.entries(value));
  return Object.fromEntries(
    order([...fields.keys()]).map((name) => [name, shuffled(fields.get(name), order)]),
  );
}

const fields = z.record(z.string(), z.unknown());

describe('the fingerprint of a recipe', () => {
  test('does not depend on the order of fields', () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
        const order = (names: readonly string[]) =>
          names
            .map((name) => [name, Number(numbers.next().value)] as const)
            .toSorted(([, a], [, b]) => a - b)
            .map(([name]) => name);
        expect(recipeFingerprint(fields.parse(shuffled(entry, order)))).toBe(original);
      }),
    );
  });

  const isApart = ([name = '']: Path) => ['conc', 'exp-name'].includes(name);
  const leaves = leavesOf(entry);

  test.each(leaves.filter((path) => !isApart(path)).map((path) => [path.join('.'), path] as const))(
    'changes if %s changes or is missing',
    (_, path) => {
      expect(recipeFingerprint(fields.parse(changed(entry, path)))).not.toBe(original);
      const [name = ''] = path;
      const { [name]: __, ...rest } = fields.parse(entry);
      expect(recipeFingerprint(rest)).not.toBe(original);
    },
  );

  test('is independent of the concurrency and of the entry’s name', () => {
    for (const path of leaves.filter(isApart))
      expect(recipeFingerprint(fields.parse(changed(entry, path)))).toBe(original);
    expect(recipeFingerprint({ ...entry, conc: 4 })).toBe(original);
  });

  test('does not depend on itself, and an entry that has one keeps it', () => {
    expect(recipeFingerprint({ ...entry, 'recipe-fingerprint': 'f'.repeat(64) })).toBe(original);
    expect(fingerprintOf({ ...entry, 'recipe-fingerprint': 'f'.repeat(64) })).toBe('f'.repeat(64));
    expect(fingerprintOf({ ...entry, 'recipe-fingerprint': '' })).toBe(original);
  });

  test('is in the row of every point of the entry', () => {
    for (const conc of [8, 16])
      expect(rowIdentity({ entry, conc, hardware: 'gb200' })).toMatchObject({ recipe_fingerprint: original });
  });

  test('matches the contract, also for text that is not ASCII', () => {
    expect(recipeFingerprint({ model: 'Ünï/💡\u007f', image: 'a"\n' })).toBe(
      '74b391a6295aea1b7448193ff4e42797d2b680b103a54b780ba3ad05d3c1ef09',
    );
  });
});

const folder = join(packageRoot, '../shared/upstream-2026-08/changelog');

describe.skipIf(!existsSync(folder))('public fingerprints (skipped: no ../shared)', () => {
  test('match ours for every entry of every public matrix', () => {
    const read = (name: string): unknown => {
      const bytes = readFileSync(join(folder, name));
      return JSON.parse(String(name.endsWith('.gz') ? gunzipSync(bytes) : bytes));
    };
    const cases = z.array(z.looseObject({ output: z.unknown().optional() })).parse(read('cases.json'));
    const entries = cases.flatMap(({ output }) =>
      fingerprinted(typeof output === 'string' ? read(output) : output),
    );
    expect(entries.length).toBeGreaterThan(600);
    const wrong = entries.filter((one) => recipeFingerprint(one) !== one['recipe-fingerprint']);
    expect(wrong).toEqual([]);
  });
});

/** All objects in a document that have a fingerprint. */
function fingerprinted(value: unknown): Readonly<Record<string, unknown>>[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(fingerprinted);
  return 'recipe-fingerprint' in value ? [{ ...value }, ...inner] : inner;
}
