import { describe, expect, test } from 'vitest';
import { defined } from '../defined/defined.ts';
import type { EngineSession, WorkerSpec } from '../plan/index.ts';
import type { Engine } from './engine.ts';
import { engineFor } from './index.ts';
import { profilerFault, sessionCommand } from './session-command.ts';

const site = {
  modelPath: '/weights/model',
  host: '0.0.0.0',
  port: 9123,
  env: { LEVEL: 'place', PLACE: 'place' },
};

const worker = (role: WorkerSpec['role'], env: Record<string, string> = {}): WorkerSpec => ({
  role,
  count: 2,
  nodesPerWorker: 1,
  acceleratorsPerWorker: 4,
  args: [],
  env,
  files: [{ path: `${role}.yaml`, content: '' }],
});

function session(framework: string, workers: readonly WorkerSpec[] = []): EngineSession {
  return {
    id: 'a-session',
    hardware: 'gb200',
    runner: 'gb200',
    launcher: 'slurm',
    framework,
    image: 'example/engine:v1',
    model: 'org/model',
    server: {
      args: [],
      env: { LEVEL: 'server', SERVER: 'server' },
      files: [{ path: 'server.yaml', content: '' }],
      acceleratorCount: 8,
      ...defined({ disaggregated: workers.length === 0 ? undefined : { workers, frontends: 1 } }),
    },
    points: [],
  };
}

describe('the command of a session', () => {
  test('of one process has the variables of the place, overridden by the engine’s, overridden by the recipe’s', () => {
    const engine: Engine = {
      ...engineFor('vllm'),
      command: () => ({ argv: ['serve'], env: { LEVEL: 'engine', PLACE: 'engine' } }),
    };
    expect(sessionCommand(engine, session('vllm'), site)).toEqual({
      kind: 'process',
      argv: ['serve'],
      env: { LEVEL: 'server', PLACE: 'engine', SERVER: 'server' },
      files: [{ path: 'server.yaml', content: '' }],
    });
  });

  test.each(['dynamo-trt', 'dynamo-sglang', 'sglang-disagg'])(
    'of %s gives each worker only its own variables',
    (framework) => {
      const workers = [worker('prefill', { LEVEL: 'prefill' }), worker('decode', { ONLY: 'decode' })];
      const command = sessionCommand(engineFor(framework), session(framework, workers), site);
      if (command.kind !== 'steps') throw new Error('no steps');
      const seen = command.steps.map(({ name, env }) => [name.replace(/-\d.*/, ''), env.LEVEL, env.ONLY]);
      expect(seen.filter(([name]) => name === 'prefill')).toEqual([
        ['prefill', 'prefill', undefined],
        ['prefill', 'prefill', undefined],
      ]);
      expect(seen.filter(([name]) => name === 'decode')).toEqual([
        ['decode', 'server', 'decode'],
        ['decode', 'server', 'decode'],
      ]);
      const others = seen.filter(([name]) => name !== 'prefill' && name !== 'decode');
      expect(others.length).toBeGreaterThan(0);
      for (const [name, level, only] of others) expect([level, only], name).toEqual(['server', undefined]);
      expect(command.steps.every(({ env }) => env.PLACE === 'place' && env.SERVER === 'server')).toBe(true);
      expect(command.files.map(({ path }) => path)).toEqual(['server.yaml', 'prefill.yaml', 'decode.yaml']);
    },
  );

  test('is rejected if no step names a worker, because that worker’s variables would be lost', () => {
    const engine: Engine = {
      ...engineFor('sglang-disagg'),
      steps: (request) =>
        (engineFor('sglang-disagg').steps?.(request) ?? []).map(({ worker: _, ...step }) => step),
    };
    expect(() => sessionCommand(engine, session('sglang-disagg', [worker('prefill')]), site)).toThrow(
      'no step of sglang-disagg names the prefill worker',
    );
  });

  test('for several nodes is rejected if the engine supports one node only', () => {
    expect(() => sessionCommand(engineFor('vllm'), session('vllm', [worker('decode')]), site)).toThrow(
      'session a-session spans nodes, and vllm serves from one',
    );
  });
});

describe('the profiler of an engine', () => {
  const profiled = (framework: string, image: string) => {
    const command = sessionCommand(
      engineFor(framework),
      { ...session(framework), image },
      { ...site, profileFolder: 'profile' },
    );
    if (command.kind !== 'process') throw new Error('it is not one process');
    return command;
  };
  const config = '{"profiler":"torch","torch_profiler_dir":"profile"}';

  test.each(['vllm/vllm-openai:v0.13.0', 'pypi:vllm==0.24.1', 'vllm/vllm-openai:nightly', 'path:/opt/venv'])(
    'is a flag for %s',
    (image) => {
      const { argv, env, files } = profiled('vllm', image);
      expect(argv.slice(-2)).toEqual(['--profiler-config', config]);
      expect(env).not.toHaveProperty('VLLM_TORCH_PROFILER_DIR');
      expect(files).toContainEqual({ path: 'profile/.keep', content: '' });
    },
  );

  test.each(['vllm/vllm-openai:v0.11.2', 'pypi:vllm==0.9.1', 'rocm/vllm:rocm6.4.1_vllm_0.10.1_20250909'])(
    'is a variable for %s',
    (image) => {
      const { argv, env } = profiled('vllm', image);
      expect(argv).not.toContain('--profiler-config');
      expect(env.VLLM_TORCH_PROFILER_DIR).toBe('profile');
    },
  );

  test('is a variable for SGLang, and takes precedence over one of the place', () => {
    const variable = 'SGLANG_TORCH_PROFILER_DIR';
    const command = sessionCommand(engineFor('sglang'), session('sglang'), {
      ...site,
      env: { [variable]: '/elsewhere' },
      profileFolder: 'profile',
    });
    expect(command).toHaveProperty(['env', variable], 'profile');
  });

  test('is off unless it is asked for', () => {
    expect(sessionCommand(engineFor('vllm'), session('vllm'), site)).toHaveProperty('files', [
      { path: 'server.yaml', content: '' },
    ]);
  });

  test('is refused for an engine without one, and for one that spans nodes', () => {
    expect(() => profiled('llama.cpp', 'npm:node-llama-cpp@3')).toThrow(
      /a-session cannot be profiled: llama\.cpp has no profiler/,
    );
    const spanning = session('sglang', [worker('prefill'), worker('decode')]);
    expect(profilerFault(engineFor('sglang'), spanning)?.message).toMatch(/spans nodes/);
  });
});
