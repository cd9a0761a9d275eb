import { expect, test } from 'vitest';
import { namedTraces } from './trace-names.ts';

test('traces keep the ends of their names, and so does the summary beside them', () => {
  const files = [
    'profile/vm_17.async_llm.1723.pt.trace.json.gz',
    'profile/profiler_out_0.txt',
    'profile/rank.17',
  ];
  expect(namedTraces(files, 'a')).toEqual([
    { file: 'profile/profiler_out_0.txt', name: 'profile_a_0.txt' },
    { file: 'profile/rank.17', name: 'profile_a_1' },
    { file: 'profile/vm_17.async_llm.1723.pt.trace.json.gz', name: 'profile_a_2.trace.json.gz' },
  ]);
  expect(namedTraces(['host_17.pt.trace.json'], 'a')).toEqual([
    { file: 'host_17.pt.trace.json', name: 'profile_a.trace.json' },
  ]);
});
