import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { lengthsIn, readAcceptanceFile, type ThinkingMode } from '../config/index.ts';
import { defined } from '../defined/defined.ts';
import { packageRoot } from '../package-root.ts';
import type { AskedAcceptance, EngineSession } from '../plan/index.ts';
import { acceptanceOfSession, settingsOfSession } from './acceptance-of-session.ts';
import { engineFor } from './index.ts';
import type { ProcessSettings } from './parts/forced-acceptance.ts';
import { sessionCommand } from './session-command.ts';

const bare: ProcessSettings = { args: [], env: {}, files: [] };
const spec = (config: object): ProcessSettings => ({
  ...bare,
  args: ['--speculative-config', JSON.stringify(config)],
});

function session(framework: string, settings: ProcessSettings, acceptance?: AskedAcceptance): EngineSession {
  return {
    id: 'a-session',
    hardware: 'b200',
    runner: 'b200',
    launcher: 'slurm',
    framework,
    image: 'example/engine:v1',
    model: 'org/model',
    server: { ...settings, acceleratorCount: 8 },
    ...defined({ acceptance }),
    points: [],
  };
}

const curve: AskedAcceptance = { name: 'dsv4_mtp', lengths: { 1: 1.79, 2: 2.27, 3: 2.49 } };

describe('the settings of an engine that is made to accept a number of tokens', () => {
  const sglang = { ...bare, args: ['--speculative-num-steps', '3', '--speculative-num-draft-tokens', '4'] };
  const trt = {
    ...bare,
    files: [
      {
        path: 'options.yml',
        content: 'speculative_config:\n  decoding_type: MTP\n  num_nextn_predict_layers: 3\n',
      },
    ],
  };
  test.each([
    [
      'vllm',
      spec({ method: 'mtp', num_speculative_tokens: 3 }),
      spec({
        method: 'mtp',
        num_speculative_tokens: 3,
        rejection_sample_method: 'synthetic',
        synthetic_acceptance_length: 2.49,
      }),
    ],
    [
      'sglang',
      sglang,
      {
        ...sglang,
        env: {
          SGLANG_SIMULATE_ACC_LEN: '2.49',
          SGLANG_SIMULATE_ACC_METHOD: 'match-expected',
          SGLANG_SIMULATE_ACC_TOKEN_MODE: 'real-draft-token',
        },
      },
    ],
    ['trt', trt, { ...trt, env: { TLLM_SPEC_DECODE_FORCE_NUM_ACCEPTED_TOKENS: '1.49' } }],
    [
      'atom',
      { ...bare, args: ['--num-speculative-tokens', '3'] },
      { ...bare, args: ['--num-speculative-tokens', '3', '--spec-decode-acceptance-length', '2.49'] },
    ],
  ])('%s: the length of the curve at its number of speculative tokens', (framework, settings, forced) => {
    const engine = engineFor(framework);
    const asking = session(framework, settings, curve);
    expect(settingsOfSession(engine, asking)).toMatchObject(forced);
    expect(acceptanceOfSession(engine, asking)).toEqual({ length: 2.49, draftTokens: 3 });
    expect(acceptanceOfSession(engine, session(framework, settings))).toBeUndefined();
  });

  test('a command has them, and a length can be given itself', () => {
    const drafting = spec({ method: 'ngram', num_speculative_tokens: 2 });
    const site = { modelPath: '/m', host: '0.0.0.0', port: 1, env: {} };
    const command = sessionCommand(engineFor('vllm'), session('vllm', drafting, { name: '1.5' }), site);
    expect(command).toMatchObject({
      argv: expect.arrayContaining([expect.stringContaining('"synthetic_acceptance_length":1.5')]),
    });
  });

  test.each([
    ['an engine without such a setting', 'llama.cpp', bare, curve, 'llama.cpp has no setting for it'],
    ['settings that do not draft', 'vllm', bare, curve, 'do not draft tokens'],
    [
      'a curve that ends before',
      'vllm',
      spec({ num_speculative_tokens: 5 }),
      curve,
      'no length for 5 speculative',
    ],
    [
      'a length that no step can have',
      'vllm',
      spec({ num_speculative_tokens: 1 }),
      { name: '2.5' },
      'yields 1 to 2 tokens',
    ],
    [
      'a length that an engine takes for no setting',
      'trt',
      {
        ...bare,
        files: [{ path: 'options.yml', content: 'speculative_config:\n  num_nextn_predict_layers: 3\n' }],
      },
      { name: '1' },
      'trt takes a length of 1 for no setting',
    ],
  ])('%s: refused', (_, framework, settings, asked, words) => {
    const asking = session(framework, settings, asked);
    expect(() => settingsOfSession(engineFor(framework), asking)).toThrow(words);
  });
});

/** Settings with JSON in one spelling. */
function words({ args, env }: ProcessSettings) {
  return { env, args: args.map((word) => (word.startsWith('{') ? JSON.stringify(JSON.parse(word)) : word)) };
}

const shared = join(packageRoot, '../shared/upstream-2026-08');
const lineSchema = z.object({
  entry: z.looseObject({ model: z.string(), 'model-prefix': z.string(), framework: z.string() }),
  eval_only: z.boolean().optional(),
  server: z
    .object({
      argv: z.array(z.string()),
      env: z.record(z.string(), z.string()),
      files: z.record(z.string(), z.string()).optional(),
    })
    .nullish(),
});

describe.skipIf(!existsSync(shared))('the public files of August (skipped: no ../shared)', () => {
  const names = existsSync(shared) ? readdirSync(join(shared, 'configs/acceptance')) : [];
  test.each(names)('%s: the same lengths here', async (name) => {
    const own = await readAcceptanceFile(join(packageRoot, '.github/configs/acceptance', name));
    expect(own).toEqual(await readAcceptanceFile(join(shared, 'configs/acceptance', name)));
  });

  test('every public script that forces a length forces that of a curve, by our reading and our writing', async () => {
    const curves = new Map<string, Readonly<Record<string, number>>>();
    for (const name of names)
      for (const mode of ['thinking_on', 'thinking_off'] satisfies ThinkingMode[]) {
        const file = join(shared, 'configs/acceptance', name);
        const content = await readAcceptanceFile(file);
        if (Object.values(content)[0]?.[mode] !== undefined)
          curves.set(`${name} ${mode}`, lengthsIn(file, content, mode));
      }
    const recipes = join(shared, 'recipes');
    const lines = readdirSync(recipes)
      .filter((name) => /mtp.*\.jsonl$/.test(name))
      .flatMap((name) => readFileSync(join(recipes, name), 'utf8').trim().split('\n'))
      .map((line) => lineSchema.parse(JSON.parse(line)));
    const seen = new Set<string>();
    for (const { entry, eval_only: evalOnly, server } of lines) {
      const { forcedAcceptance } = engineFor(entry.framework);
      if (forcedAcceptance === undefined || server == null) continue;
      const files = Object.entries(server.files ?? {}).map(([path, content]) => ({ path, content }));
      const settings = { args: server.argv, env: server.env, files };
      const [length, tokens] = [forcedAcceptance.forced(settings), forcedAcceptance.draftTokens(settings)];
      if (evalOnly === true) expect(length).toBeUndefined();
      if (length === undefined) continue;
      seen.add(`${entry.framework} ${tokens} ${length}`);
      expect([...curves.values()].map((one) => one[String(tokens)])).toContain(length);
      expect(words(forcedAcceptance.force(settings, length))).toEqual(words(settings));
    }
    expect([...seen]).toEqual(
      expect.arrayContaining(['vllm 3 2.49', 'sglang 3 3.39', 'sglang 5 3.61', 'trt 3 2.78', 'atom 6 3.75']),
    );
  });
});
