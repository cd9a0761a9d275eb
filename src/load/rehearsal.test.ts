import { describe, expect, it } from 'vitest';
import { backendNames, backends } from './backends/index.ts';
import { doubtNames } from './fidelity/doubts.ts';
import { rehearse, SampleReader } from './rehearsal.ts';

/** What a server of a backend never tells. */
const unavoidable: Readonly<Record<string, readonly string[]>> = {
  'tensorrt-llm': ['replies_without_usage'],
};

describe('the sample of a reply', () => {
  it.each(backendNames)('of %s reads as eight tokens that came one by one', (name) => {
    const reader = new SampleReader(backends[name]);
    reader.read('a');
    const { log, counters } = reader.recording;
    expect(log.outputTokens[0]).toBe(8);
    expect(log.decodeSteps[0]).toBe(7);
    // One write, and one read, for each token.
    expect(log.decodeMs[0]).toBe(7);
    expect(doubtNames.filter((doubt) => counters[doubt] > 0)).toEqual(unavoidable[name] ?? []);
    expect([...log.troubles.keys()]).toEqual([]);
  });

  it.each(backendNames)('of %s can be rehearsed', (name) => {
    expect(() => rehearse(backends[name], 2)).not.toThrow();
  });
});
