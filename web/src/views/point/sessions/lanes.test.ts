import { describe, expect, test } from 'vitest';
import { laneLayout, requestsOf, type SessionRequest } from './lanes.ts';

const request = (change: Partial<SessionRequest>): SessionRequest => ({
  lane: 0,
  play: 0,
  conversation: 0,
  kind: 'main',
  turn: 0,
  startS: 0,
  endS: 1,
  ttftS: 0.1,
  inputTokens: 100,
  outputTokens: 10,
  cachedTokens: 50,
  idealShare: 0.9,
  isCompleted: true,
  isMeasured: true,
  ...change,
});

describe('the picture of session lanes', () => {
  test('has the main agent in the first row of a lane, and agents at the same time in rows below it', () => {
    const { placed, lanes, rows } = laneLayout(
      [
        request({ startS: 0, endS: 1 }),
        request({ conversation: 1, kind: 'subagent', startS: 1, endS: 4 }),
        request({ conversation: 2, kind: 'worker', startS: 2, endS: 3 }),
        request({ conversation: 3, kind: 'worker', startS: 3, endS: 5 }),
        request({ startS: 5, endS: 6, turn: 1 }),
      ],
      10,
    );
    expect(placed.map(({ row }) => row)).toEqual([0, 1, 2, 2, 0]);
    expect(lanes).toEqual([{ lane: 0, firstRow: 0, rows: 3 }]);
    expect(rows).toBe(3);
  });

  test('shows pauses between two requests of one conversation, and none between conversations', () => {
    const { pauses } = laneLayout(
      [
        request({ startS: 0, endS: 1 }),
        request({ startS: 4, endS: 5, turn: 1 }),
        request({ conversation: 1, play: 1, startS: 9, endS: 10 }),
      ],
      10,
    );
    expect(pauses).toEqual([{ row: 0, fromS: 1, toS: 4 }]);
  });

  test('has whole lanes, as many as fit, and at least one', () => {
    const lanes = Array.from({ length: 4 }, (_, lane) => [
      request({ lane, conversation: 2 * lane }),
      request({ lane, conversation: 2 * lane + 1, kind: 'subagent' }),
    ]).flat();
    expect(laneLayout(lanes, 5).lanes.map(({ lane }) => lane)).toEqual([0, 1]);
    expect(laneLayout(lanes, 1).lanes.map(({ lane }) => lane)).toEqual([0]);
  });

  test('leaves out what a document lists without a conversation', () => {
    const columns = {
      lane: [0, 0],
      play: [0, 0],
      conversation: [0, 7],
      turn: [0, 1],
      startS: [0, 1],
      endS: [1, 2],
      ttftS: [null, null],
      inputTokens: [null, null],
      outputTokens: [null, null],
      cachedTokens: [null, null],
      idealShare: [null, null],
      isCompleted: [true, true],
      isMeasured: [true, true],
    };
    const document = {
      id: 'a',
      lanes: 1,
      requests: 2,
      shown: { lanes: 1, ofLanes: 1, requests: 2 },
      columns,
      conversations: ['main' as const],
      overTime: { intervalS: 1, idealShare: [], cachedShare: [], inFlight: [] },
      kvUse: null,
      distributions: {},
    };
    expect(requestsOf(document).map(({ turn }) => turn)).toEqual([0]);
  });
});
