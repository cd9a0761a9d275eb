import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../package-root.ts';
import { withinContext } from './context-limit.ts';
import { idleShift } from './idle-caps.ts';
import { cacheMarker } from './marker.ts';
import { parseAgentTrace, readAgentTraces } from './read-traces.ts';
import { sessionsOf } from './sessions.ts';
import { snapshotAt, startsOf } from './snapshot.ts';

const folder = join(packageRoot, '../shared/upstream-2026-08/agentic');
const read = <T>(name: string, schema: z.ZodType<T>): T[] =>
  existsSync(folder) ? z.array(schema).parse(JSON.parse(readFileSync(join(folder, name), 'utf8'))) : [];

describe.skipIf(!existsSync(folder))('recorded agentic cases (skipped: no ../shared)', () => {
  const conversions = read('conversions.json', z.object({ name: z.string(), traces: z.string() }));
  const snapshot = z.object({
    case: z.string(),
    ratio: z.number(),
    t_star_ms: z.number(),
    streams: z.array(
      z.object({
        id: z.string(),
        next_turn: z.int(),
        warm_up_turn: z.int().nullable(),
        offset_ms: z.number(),
        waits: z.boolean().optional(),
        joins_turn: z.int().optional(),
        branch: z.string().optional(),
      }),
    ),
    done: z.array(z.tuple([z.string(), z.int()])),
  });

  it.each(read('snapshots.json', snapshot))('case $case from $ratio of the way', async (one) => {
    const traces = conversions.find(({ name }) => name === one.case)?.traces ?? '';
    for await (const { trace, place } of readAgentTraces(join(folder, traces))) {
      const tree = sessionsOf(trace, place, { models: ['served'] });
      const [first = 0, last = 0] = startsOf(tree) ?? [];
      const atMs = first + one.ratio * (last - first);
      expect(atMs).toBeCloseTo(one.t_star_ms, 6);
      const point = snapshotAt(tree, atMs);
      const shown = point?.streams.map(({ conversation, nextTurn, offsetMs, waits, joinsTurn, branch }) => ({
        id: conversation,
        next_turn: nextTurn,
        warm_up_turn: nextTurn === 0 ? null : nextTurn - 1,
        offset_ms: expect.closeTo(offsetMs, 6),
        waits: waits || undefined,
        joins_turn: joinsTurn,
        branch,
      }));
      expect(one.streams).toEqual(shown);
      expect([...(point?.done ?? [])].toSorted()).toEqual(one.done.toSorted());
      return;
    }
  });

  const play = z.object({
    run: z.string(),
    pass: z.int(),
    lane: z.int(),
    conversation: z.string(),
    marker: z.string(),
  });

  it.each(read('markers.json', play))('marker of $conversation, pass $pass, lane $lane', (one) => {
    expect(cacheMarker(one)).toBe(one.marker);
  });

  const due = z.record(z.string(), z.number());
  const idle = z.object({
    name: z.string(),
    title: z.string(),
    rule: z.string(),
    cap_s: z.number(),
    now: z.number().optional(),
    idle_since: z.number(),
    in_flight: z.int().optional(),
    ready: z.int().optional(),
    due,
    waits_for_others: z.array(z.string()).default([]),
    expect: z.object({ due, jump_at: z.number().nullish() }),
  });

  it.each(read('idle-caps.json', idle))('$name: $title', (one) => {
    // A tree is looked at when its cap has passed; held turns are no longer pending.
    const nowS = one.now ?? one.idle_since + one.cap_s;
    const isIdle = (one.in_flight ?? 0) + (one.ready ?? 0) === 0;
    const pending = Object.entries(one.due).filter(([name]) => !one.waits_for_others.includes(name));
    const shiftS = isIdle
      ? idleShift(
          { nowS, idleSinceS: one.idle_since, capS: one.cap_s },
          pending.map(([, at]) => at),
        )
      : 0;
    expect(Object.fromEntries(pending.map(([name, at]) => [name, at - shiftS]))).toEqual(one.expect.due);
    if (one.expect.jump_at !== undefined) expect(shiftS > 0 ? nowS : null).toBe(one.expect.jump_at);
  });

  const filters = read('cases.json', z.looseObject({ tool: z.string() })).flatMap((one) =>
    one.tool === 'filter'
      ? [z.object({ title: z.string(), cap: z.int(), trace: z.unknown(), output: z.unknown() }).parse(one)]
      : [],
  );

  it.each(filters)('requests above a context: $title', ({ cap, trace, output }) => {
    const parse = (value: unknown) => parseAgentTrace(value, { file: 'case' });
    expect(withinContext(parse(trace), cap) ?? null).toEqual(output === null ? null : parse(output));
  });
});
