import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { agenticEntrySchema, isSingleNode, type MatrixEntry } from '../src/identity/index.ts';
import { measuredEntry } from '../src/matrix/index.ts';
import { loadRecipes } from '../src/plan/index.ts';
import { commandMeaning } from './testdata/command-meaning.ts';

const folder = new URL('../../shared/upstream-2026-08/recipes/', import.meta.url);

interface Recorded {
  readonly entry: unknown;
  readonly eval_only?: true;
  readonly server: { readonly argv: readonly string[]; readonly env?: Readonly<Record<string, string>> };
}

/** What the engine adds, and variables of the public client. */
const ofTheEngine = ['--model-path', '--served-model-name', '--port', '--tokenizer-path'];
const ofTheClient = /^(AIPERF_|EVAL_|WEKA_|INFMAX_|MODEL_PATH$)/;

const files = [
  ['agentic_qwen3.5_fp8_b200_sglang_mtp_staged-path', 'b200'],
  ['agentic_qwen3.5_fp8_b300_sglang_mtp_staged', 'b300'],
  ['agentic_qwen3.5_fp4_b200_sglang_mtp_staged-path', 'b200'],
  ['agentic_qwen3.5_fp4_b300_sglang_mtp_staged', 'b300'],
] as const;

test.skipIf(!existsSync(folder)).each(files)('%s: every recorded command', async (file, hardware) => {
  const recorded = readFileSync(new URL(`${file}.jsonl`, folder), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Recorded => JSON.parse(line))
    .filter(({ eval_only: only }) => only !== true);
  expect(recorded.length).toBeGreaterThan(3);
  for (const { entry: written, server } of recorded) {
    const entry = measuredEntry(agenticEntrySchema.parse(written));
    const recipes = await loadRecipes([{ entry, hardware }]);
    const conc = concOf(entry);
    const made = recipes(entry, hardware).server({
      entry,
      conc,
      hardware,
      maxConc: conc,
      launcher: 'slurm',
    });
    expect(flagsOf(made.args), JSON.stringify(written)).toEqual(flagsOf(server.argv.slice(3)));
    expect(made.env).toEqual(withoutClient(server.env ?? {}));
  }
});

function concOf(entry: MatrixEntry): number {
  if (!isSingleNode(entry)) throw new Error('expected an engine on one node');
  return entry.conc;
}

function flagsOf(argv: readonly string[]) {
  const { flags } = commandMeaning(argv);
  return Object.fromEntries(Object.entries(flags).filter(([name]) => !ofTheEngine.includes(name)));
}

function withoutClient(env: Readonly<Record<string, string>>) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ofTheClient.test(name)));
}
