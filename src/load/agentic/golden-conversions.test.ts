import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import { packageRoot } from '../../package-root.ts';
import { LoadError } from '../load-error.ts';
import { fitsContext } from './context-limit.ts';
import type { AgentMessage } from './messages.ts';
import { readAgentTraces } from './read-traces.ts';
import { type AgentConversation, type SessionTree, sessionsOf } from './sessions.ts';
import type { HashId } from './trace.ts';

const folder = join(packageRoot, '../shared/upstream-2026-08/agentic');

const conversation = z.looseObject({ id: z.string(), turns: z.array(z.looseObject({})) });
const cases = z.array(
  z.object({
    name: z.string(),
    title: z.string(),
    traces: z.string(),
    models: z.array(z.string()),
    options: z.record(z.string(), z.unknown()).optional(),
    refused: z.string().optional(),
    conversations: z.array(conversation).optional(),
  }),
);

/** What of our errors says the same as the recorded one, by case. */
const ourWords: Readonly<Record<string, RegExp>> = {
  '04': /04\.jsonl:1: trace .* declares 240 tokens .* 4 blocks of 64, but has 2 hash ids/,
  '51': /longer than/,
  '58': /declares 4000 tokens/,
  '60': /:1: requests\[0\]\.extra: unknown field/,
  '62': /:1: block_size: .*not the number 0/,
  '64': /:1: requests\[0\]\.type: unknown type of request.*not the string "q"/,
  '66': /:1: requests\[0\]\.model: .*not missing/,
  '68': /:1: requests\[1\]\.requests\[0\]\.type: .*not the string "subagent"/,
  '69': /:1: requests\[2\]\.agent_id: "a" is already/,
  '71': /:1.*truncated/,
};

describe.runIf(existsSync(folder))('conversations of recorded traces', () => {
  const list = existsSync(folder)
    ? cases.parse(
        JSON.parse(
          readFileSync(join(folder, 'conversations.json').replace('conversations', 'conversions'), 'utf8'),
        ),
      )
    : [];

  it.each(list.map((one) => [`${one.name} ${one.title}`, one] as const))('%s', async (_title, one) => {
    const trees = convert(join(folder, one.traces), one);
    if (one.refused !== undefined) {
      const error: unknown = await trees.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(LoadError);
      expect(error).toHaveProperty('message', expect.stringMatching(ourWords[one.name] ?? /never/));
      return;
    }
    const made = (await trees).flatMap(shownTree);
    expect(inOrder(made)).toEqual(inOrder(one.conversations ?? []));
  });
});

async function convert(
  file: string,
  { models, options = {} }: z.infer<typeof cases>[number],
): Promise<SessionTree[]> {
  const trees: SessionTree[] = [];
  const limit = options.max_context_length;
  const capS = options.trace_idle_gap_cap_seconds;
  for await (const { trace, place } of readAgentTraces(file)) {
    if (typeof limit === 'number' && !fitsContext(trace, limit)) continue;
    trees.push(
      sessionsOf(trace, place, {
        models,
        ignorePauses: options.ignore_trace_delays === true,
        ...defined({ startGapCapS: typeof capS === 'number' ? capS : undefined }),
      }),
    );
  }
  if (trees.length === 0)
    throw new LoadError('bad-test', `every trace is longer than ${String(limit)} tokens`);
  return trees;
}

function inOrder<T extends { readonly id: string }>(list: readonly T[]): readonly T[] {
  return list.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function shownTree({ root, children, branches }: SessionTree) {
  return [
    {
      ...shown(root),
      branches: unlessEmpty(
        branches.map(({ id, children: names, isBackground, startMs }) => ({
          id,
          children: names,
          background: isBackground,
          start_ms: close(startMs),
        })),
      ),
    },
    ...children.map(shown),
  ];
}

function shown({ id, parent, turns }: AgentConversation) {
  return {
    id,
    root: parent === undefined,
    depth: parent === undefined ? 0 : 1,
    parent: parent ?? null,
    turns: turns.map((turn) => ({
      t_ms: close(turn.startMs),
      delay_ms: close(turn.pauseMs),
      api_time_ms: close(turn.apiTimeMs),
      source: [
        `weka_${turn.source.list}`,
        turn.source.index,
        ...(turn.source.innerIndex === undefined ? [] : [turn.source.innerIndex]),
      ],
      model: turn.model,
      max_tokens: turn.outputTokens,
      reset: turn.isReset,
      ideal: [turn.idealBlocks, turn.blocks],
      spawns: unlessEmpty(turn.spawns),
      joins: unlessEmpty(turn.joins),
      after: unlessEmpty(turn.after.map(({ conversation: of, turn: number }) => [of, number])),
      input: turn.input,
      prompt: turn.messages.map(shownMessage),
    })),
  };
}

function unlessEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function close(value: number | undefined): unknown {
  return value === undefined ? null : expect.closeTo(value, 6);
}

function shownMessage({ role, blocks, restTokens }: AgentMessage) {
  return [role, ranges(blocks), restTokens];
}

/** `0-5,9` for the blocks 0 to 5 and 9. */
function ranges(blocks: readonly HashId[]): string {
  const runs: { from: number; to: number }[] = [];
  for (const id of blocks.map(Number)) {
    const last = runs.at(-1);
    if (last !== undefined && last.to + 1 === id) last.to = id;
    else runs.push({ from: id, to: id });
  }
  return runs.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}
