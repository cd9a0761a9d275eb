import { describe, expect, it } from 'vitest';
import { backendNames, backends, generatingBackends } from './backends/index.ts';
import { doubtNames } from './fidelity/doubts.ts';
import { rehearse, SampleReader } from './rehearsal.ts';

/** What servers of a backend never report. */
const unavoidable: Readonly<Record<string, readonly string[]>> = {
  'tensorrt-llm': ['replies_without_usage'],
};

describe("a backend's sample reply", () => {
  it.each(generatingBackends)('for %s reads as eight tokens that arrived one by one', (name) => {
    const reader = new SampleReader(backends[name]);
    reader.read('a');
    const { log, counters } = reader.recording;
    expect(log.outputTokens[0]).toBe(8);
    expect(log.decodeSteps[0]).toBe(7);
    // Each token has one write and one read.
    expect(log.decodeMs[0]).toBe(7);
    expect(doubtNames.filter((doubt) => counters[doubt] > 0)).toEqual(unavoidable[name] ?? []);
    expect([...log.troubles.keys()]).toEqual([]);
  });

  it.each(backendNames)('for %s can be rehearsed', (name) => {
    expect(() => rehearse(backends[name], 2)).not.toThrow();
  });
});
