import { expect, test } from 'vitest';
import { oneSessionStory } from '../../../../test/support/one-session-story.ts';
import type { FailureStory } from '../../../sweep/index.ts';
import { ciSummary, failureSummary } from './summary.ts';

const story = (failures: readonly FailureStory[]) => oneSessionStory({ failures });

const ecc: FailureStory = {
  at: '2026-01-14T10:16:00Z',
  node: 'gpu-05',
  failureClass: 'node-broken',
  message: 'the memory of a GPU is broken\n(torch.AcceleratorError: <b>*ECC*</b>)',
  todo: 'reset the GPU',
  next: 'other-node',
};
const gated: FailureStory = {
  ...ecc,
  failureClass: 'not-permitted',
  message: 'the model is not readable with this token',
  next: 'give-up',
};

test('each failure is one line: class, place, cause, fix, whether it was retried and why', () => {
  expect(failureSummary([story([ecc, gated])])).toBe(
    [
      '## Failures',
      '',
      '- **node-broken** qwen3-h200 on gpu-05: the memory of a GPU is broken (torch.AcceleratorError: &lt;b>\\*ECC\\*&lt;/b>). To do: reset the GPU. It was tried on another node',
      '- **not-permitted** qwen3-h200 on gpu-05: the model is not readable with this token. To do: reset the GPU. It was given up, since it would fail the same way again',
      '',
    ].join('\n'),
  );
});

test('includes failures of sessions that succeeded later; empty if nothing failed', () => {
  expect(ciSummary([story([ecc])], [], () => '')).toContain('- **node-broken** qwen3-h200 on gpu-05');
  expect(ciSummary([story([])], [], () => '')).not.toContain('Failures');
  expect(failureSummary([story([])])).toBe('');
});

test('a night in which everything fails is summarized in 50 lines', () => {
  const lines = failureSummary([story(Array(1_000).fill(ecc))])
    .trim()
    .split('\n');
  expect(lines).toHaveLength(53);
  expect(lines.at(-1)).toBe('- and 950 more');
});
