import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { bin } from '../../test/support/product.ts';
import { ServedStore } from '../../test/support/served-store.ts';

let served: ServedStore;
let transport: StdioClientTransport;
let client: Client;
beforeAll(async () => {
  served = await ServedStore.create();
  transport = new StdioClientTransport({
    command: process.execPath,
    args: [bin, 'mcp', '--store', join(served.folder, 'store.sqlite')],
    stderr: 'pipe',
  });
  client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
});
afterAll(async () => {
  await client?.close();
  await served?.remove();
});

const answerSchema = z.looseObject({
  isError: z.boolean().default(false),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
  content: z.array(z.looseObject({ text: z.string() })),
});

/** The client validates the answer against the tool's output schema. */
async function call(name: string, given: Readonly<Record<string, unknown>> = {}) {
  return answerSchema.parse(await client.callTool({ name, arguments: { ...given } }));
}

describe('inferencemax mcp, over a real pipe with the public client', () => {
  test('has a read-only tool for every question', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['index', 'search', 'latest_frontier', 'best', 'history', 'point', 'evals']),
    );
    for (const { annotations, description } of tools) {
      expect(annotations?.readOnlyHint).toBe(true);
      expect(description?.length).toBeGreaterThan(40);
    }
  });

  test('answers from the store: from the index to one point and its history', async () => {
    const index = await call('index');
    expect(index.structuredContent).toMatchObject({
      shapes: [{ modelPrefix: 'dsr1', isl: 1024, osl: 1024 }],
    });
    const points = z
      .object({ points: z.array(z.looseObject({ id: z.string(), configurationId: z.string() })) })
      .parse((await call('points', { hw: 'h200', conc: 1, limit: 1 })).structuredContent);
    const [first] = points.points;
    const stored = await served.store.point(first?.id ?? '');
    expect((await call('point', { id: first?.id })).structuredContent).toMatchObject({
      published: { metrics: { totalTputPerGpu: stored?.row.tput_per_gpu } },
    });
    const history = await call('history', { configuration: first?.configurationId, conc: 1 });
    expect(history.structuredContent).toMatchObject({
      points: [{ conc: 1, id: first?.id }, { conc: 1 }],
      next: null,
    });
  });

  test('ranks hardware by cost at a speed, with a given price', async () => {
    const shape = { model: 'dsr1', isl: 1024, osl: 1024 };
    const [own, listed] = [
      await call('best', { ...shape, interactivity: 50, usd_per_gpu_hour: 3.6 }),
      await call('best', { ...shape, interactivity: 50 }),
    ];
    const ranking = z.object({
      rows: z.array(
        z.looseObject({
          hw: z.string(),
          usdPerMillionTokens: z.number().nullable(),
          millionTokensPerUsd: z.number().nullable(),
          tputPerGpu: z.number(),
        }),
      ),
      withoutPrice: z.array(z.string()),
    });
    const { rows: places } = ranking.parse(own.structuredContent);
    expect(places.map(({ hw }) => hw).toSorted()).toEqual(['b200-trt', 'h200', 'synthetic-h200']);
    for (const { usdPerMillionTokens, millionTokensPerUsd, tputPerGpu } of places) {
      expect(usdPerMillionTokens).toBeCloseTo(1000 / tputPerGpu, 9);
      expect(millionTokensPerUsd).toBeCloseTo(tputPerGpu / 1000, 9);
    }
    expect(ranking.parse(listed.structuredContent).withoutPrice).toEqual(['synthetic-h200']);
  });

  test('explains what is wrong with a question, and continues', async () => {
    const wrong = await call('latest_frontier', { model: 'dsr1', isl: 'many' });
    expect(wrong).toMatchObject({
      isError: true,
      content: [{ text: expect.stringMatching(/isl: .*osl: /) }],
    });
    expect(await call('point', { id: 'none' })).toMatchObject({ isError: true });
    expect(await call('nothing')).toMatchObject({ isError: true });
    expect((await call('hardware')).isError).toBe(false);
  });

  test('ends when the client does', async () => {
    const { pid } = transport;
    await client.close();
    expect(pid === null || isRunning(pid)).toBe(false);
  });
});

test('answers a message that is too long with an error, and reads the next one', async () => {
  const child = spawn(process.execPath, [bin, 'mcp', '--store', join(served.folder, 'store.sqlite')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.write(`{"long":"${'x'.repeat(11 * 1024 * 1024)}"}\n`);
  child.stdin.end(`${JSON.stringify({ jsonrpc: '2.0', id: 7, method: 'ping' })}\n`);
  const lines = (await text(child.stdout)).trim().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
    {
      jsonrpc: '2.0',
      id: null,
      error: { code: -32_600, message: expect.stringContaining('at most 10485760 bytes') },
    },
    { jsonrpc: '2.0', id: 7, result: {} },
  ]);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
