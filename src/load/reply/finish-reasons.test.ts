import { describe, expect, it } from 'vitest';
import { endingOf, isNoEnd, shownReason } from './finish-reasons.ts';

describe('the ending of a choice, by its finish reason', () => {
  it.each([
    'stop',
    'STOP',
    'length',
    'tool_calls',
    'function_call',
    'end_turn',
    'max_tokens',
    'stop_sequence',
    'MAX_TOKENS',
    'COMPLETE',
    'FINISHED',
    'STOP_CRITERIA_MET',
    'endoftext',
    'model_context_window_exceeded',
    'kEND_ID',
    'kSTOP_WORDS',
    'kLENGTH',
    'END_ID',
    'eos_token',
    'EOS_TOKEN',
    'TOKEN_LIMIT',
    'FINISHED_EOS',
    'finished',
    'FINISHED_LENGTH_CAPPED',
    'FINISHED_STOPPED',
    'endTurn',
    'maxTokens',
    'tool-calls',
    'limit',
    'model_length',
    'repetition',
    'FinishReason.STOP',
    'stop: 5',
  ])('%s is good', (reason) => {
    expect(endingOf(reason)).toEqual({ kind: 'good' });
  });

  it.each([
    'abort',
    'ABORTED',
    'FINISHED_ABORTED',
    'error',
    'ERROR_TOXIC',
    'cancelled',
    'USER_CANCEL',
    'kTIMED_OUT',
    'timeout',
    'TIME_LIMIT',
    'kCANCELLED',
    'content_filter',
    'contentFiltered',
    'SAFETY',
    'IMAGE_SAFETY',
    'RECITATION',
    'BLOCKLIST',
    'PROHIBITED_CONTENT',
    'SPII',
    'MALFORMED_FUNCTION_CALL',
    'TOO_MANY_TOOL_CALLS',
    'UNEXPECTED_TOOL_CALL',
    'guardrail_intervened',
    'malformed_model_output',
    'refusal',
    'unload',
    'shed',
    'load_shedding',
    'dropped',
    'killed',
    'insufficient_system_resource',
    'rate_limit_exceeded',
    'incomplete',
    'abort: gone',
    'stop: the client cancelled',
    'useraborted',
    'deadline_exceeded',
  ])('%s is a failure', (reason) => {
    expect(endingOf(reason)).toEqual({ kind: 'failed' });
  });

  it.each([
    'other',
    'LANGUAGE',
    'watershed',
    'raindrop',
    'skill',
    'pause_turn',
    'exceeded',
    'model',
    '2',
    '',
  ])('%j is unknown', (reason) => {
    expect(endingOf(reason)).toEqual({ kind: 'unknown' });
  });

  it.each([
    '',
    ' ',
    'None',
    'null',
    'NOT_FINISHED',
    'kNOT_FINISHED',
    'FINISH_REASON_UNSPECIFIED',
    'in_progress',
  ])('%j does not end the choice', (reason) => {
    expect(isNoEnd(reason)).toBe(true);
  });

  it('is an end for any other word', () => {
    for (const reason of ['finished', 'stop', 'NOT', 'x']) expect(isNoEnd(reason)).toBe(false);
  });

  it('is truncated for display', () => {
    expect(shownReason('stop')).toBe('"stop"');
    expect(shownReason('z'.repeat(4_000_000))).toBe(`"${'z'.repeat(100)}…"`);
    expect(endingOf('z'.repeat(4_000_000))).toEqual({ kind: 'unknown' });
  });
});
