import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { engineFor } from '../engines/index.ts';
import { type EndFacts, type Failure, type FailureClass, failureTable } from '../failures/index.ts';
import { EngineFailure } from '../launchers/index.ts';
import { packageRoot } from '../package-root.ts';
import { explained, explainLogs, measurementFailure, startFailure } from './engine-failure.ts';
import { nextTry } from './next-try.ts';
import { quarantined } from './node-health.ts';

/** Failures of engines from public issue threads, each with the expected explanation and action. */
const file = join(packageRoot, '../shared/findings/engine-failures/cases.json');
const endings = z
  .array(
    z.looseObject({
      id: z.string(),
      framework: z.string(),
      phase: z.enum(['allocate', 'pull', 'preflight', 'start', 'hang', 'serve', 'serve-hang', 'requests']),
      exit: z.object({ code: z.number().nullable(), signal: z.string().nullable() }),
      log: z.array(z.string()),
      says: z.string(),
      mustNotSay: z.string().optional(),
      retry: z.enum(['never', 'same-node', 'other-node']),
      alsoFine: z.array(z.string()).default([]),
      quarantine: z.boolean(),
      oomKill: z.boolean().optional(),
      job: z.string().optional(),
      answer: z.string().optional(),
    }),
  )
  .parse(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []);
type Ending = (typeof endings)[number];

test.skipIf(endings.length > 0)(
  'skipped: ../shared/findings/engine-failures is not next to this clone',
  () => {},
);

/**
 * The failure as a launcher reports it. Job states, of which a launcher is certain, are covered by the
 * launchers' tests.
 */
function failureOf(
  { framework, phase, exit, log, oomKill, answer, quarantine }: Ending,
  text: string,
): Failure {
  const engine = engineFor(framework);
  const facts: EndFacts = {
    signal: exit.signal,
    kernelKills: oomKill === true ? 1 : 0,
    hung: phase === 'hang' || phase === 'serve-hang',
    // If the node is broken, its own tools report it too.
    deviceTrouble: quarantine ? 'rocm-smi: no devices' : undefined,
  };
  const how = exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`;
  const ended = new EngineFailure('engine-died', `the engine exited with ${how}`, log.at(-1), {
    logs: [text],
    facts,
  });
  if (phase === 'serve') return measurementFailure(ended, engine);
  if (phase === 'requests' || phase === 'serve-hang') {
    const failureClass = phase === 'requests' ? 'load-test' : 'stalled';
    const logs = [answer ?? '', text];
    return explained(
      { failureClass, message: 'requests failed' },
      explainLogs(logs, facts, engine.explainExit),
    );
  }
  return startFailure(ended, engine);
}

describe.each(endings)('$id', (ending) => {
  const { phase, log, says, mustNotSay, retry, alsoFine, quarantine } = ending;
  // As many lines as a vLLM engine with several workers prints after the decisive one.
  const frames = Array.from(
    { length: 60 },
    (_, i) =>
      `(APIServer pid=1)   File "/usr/local/lib/python3.12/dist-packages/vllm/entrypoints/x${i}.py", line ${i}, in main`,
  );
  const texts = [log.join('\n'), [...log, ...frames].join('\n')];

  test('the cause is named, and no other cause is claimed', () => {
    for (const text of texts) {
      const { message } = failureOf(ending, text);
      const said = message.slice(0, message.lastIndexOf(' ('));
      expect(said).toMatch(new RegExp(says, 'i'));
      if (mustNotSay !== undefined) expect(said).not.toMatch(new RegExp(mustNotSay, 'i'));
    }
  });

  test('it is retried only if that helps, and the node is quarantined only if it is at fault', () => {
    const { failureClass } = failureOf(ending, texts[0] ?? '');
    const what = ['serve', 'serve-hang', 'requests'].includes(phase) ? 'point' : 'start';
    const next = nextTry(failureTable[failureClass], what, { here: 1, nodes: 1, all: 1 }, true);
    expect([retry, ...alsoFine]).toContain(next === 'give-up' ? 'never' : next);
    const outcomes = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ node: 'a', sessionId: String(i), failureClass }));
    const isOut = (count: number) => quarantined(outcomes(count), [['a', 'b', 'c']], failureTable).has('a');
    expect(isOut(1)).toBe(quarantine);
    if (!quarantine && retry === 'never') expect(isOut(2)).toBe(false);
  });
});

describe('an engine that sees no GPU', () => {
  const logs = [
    'RuntimeError: No CUDA GPUs are available',
    'Unable to open /dev/kfd: No such file or directory',
  ];
  const failureBy = (log: string, deviceTrouble?: string) =>
    startFailure(
      new EngineFailure('engine-died', 'the engine exited with exit code 1', log, {
        facts: { deviceTrouble },
      }),
      engineFor('vllm'),
    );
  const outNodes = (
    outcomes: readonly { node: string; sessionId: string; failureClass?: FailureClass }[],
  ) => [...quarantined(outcomes, [['a', 'b', 'c', 'd']], failureTable).keys()];

  test.each(logs)("quarantines its node if the node's tools see none either: %s", (log) => {
    const { failureClass, message } = failureBy(log, 'the node shows 0 of its 8 accelerators');
    expect(message).toContain('the node shows 0 of its 8 accelerators');
    expect(outNodes([{ node: 'a', sessionId: '1', failureClass }])).toEqual(['a']);
  });

  test.each(logs)("quarantines no node if the nodes' tools see the GPUs: %s", (log) => {
    const { failureClass } = failureBy(log);
    const everywhere = ['a', 'b', 'c', 'd'].flatMap((node) =>
      ['1', '2', '3'].map((sessionId) => ({ node, sessionId, failureClass })),
    );
    expect(outNodes(everywhere)).toEqual([]);
  });

  test.each(logs)('quarantines its node if another node completes the session: %s', (log) => {
    const { failureClass } = failureBy(log);
    const moved = [
      { node: 'a', sessionId: '1', failureClass },
      { node: 'b', sessionId: '1' },
    ];
    expect(outNodes(moved)).toEqual(['a']);
  });

  test.each(logs)('is retried on one other node, not on the same one: %s', (log) => {
    const rule = failureTable[failureBy(log).failureClass];
    expect(nextTry(rule, 'start', { here: 1, nodes: 1, all: 1 }, true)).toBe('other-node');
    expect(nextTry(rule, 'start', { here: 1, nodes: 2, all: 2 }, true)).toBe('give-up');
  });
});
