import { describe, expect, it } from 'vitest';
import { fitsContext } from './context-limit.ts';
import { parseAgentTrace } from './read-traces.ts';
import { sessionsOf } from './sessions.ts';
import { synthesisDefaults, synthesizeTraces } from './synthesize.ts';
import { isSubagent } from './trace.ts';

const options = { ...synthesisDefaults, traces: 20, seed: 7 };

describe('synthesized traces', () => {
  it('are the same for the same seed, and others for another', () => {
    expect(synthesizeTraces(options)).toEqual(synthesizeTraces(options));
    expect(synthesizeTraces({ ...options, seed: 8 })).not.toEqual(synthesizeTraces(options));
  });

  it('are valid traces, and fit the context that was asked for', () => {
    const contextTokens = 4096;
    for (const trace of synthesizeTraces({ ...options, contextTokens, blockTokens: 16 })) {
      expect(parseAgentTrace(JSON.parse(JSON.stringify(trace)), { file: 'made' }).id).toBe(trace.id);
      expect(fitsContext(trace, contextTokens)).toBe(true);
    }
  });

  it('have what recorded sessions have: joins, background agents, worker groups, side calls, compaction', () => {
    const trees = synthesizeTraces({ ...options, turns: 30 }).map((trace) => ({
      trace,
      tree: sessionsOf(trace, { file: 'made' }),
    }));
    const ids = trees.flatMap(({ tree }) => tree.children.map(({ id }) => id));
    const branches = trees.flatMap(({ tree }) => tree.branches);
    expect(ids.some((id) => id.includes('::sa:'))).toBe(true);
    expect(ids.some((id) => id.includes('::wg:'))).toBe(true);
    expect(ids.some((id) => id.includes('::aux:'))).toBe(true);
    expect(branches.some(({ isBackground }) => isBackground)).toBe(true);
    expect(branches.some(({ isBackground }) => !isBackground)).toBe(true);
    expect(trees.some(({ tree }) => tree.root.turns.some(({ isReset }) => isReset))).toBe(true);
    expect(trees.every(({ trace }) => trace.requests.some((entry) => !isSubagent(entry)))).toBe(true);
  });
});
