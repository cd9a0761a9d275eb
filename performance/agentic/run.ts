import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type MockProcess, startMockProcess } from '../../src/load/mock/process.ts';
import { percentileOf } from '../../src/results/agentic/figures.ts';
import { type ComparedFigure, comparedFigures, pairedRequests, scheduleErrorsMs } from './beside-truth.ts';
import { type Replayed, type ReplayedBy, replayedByAiperf, replayedByUs } from './clients.ts';
import { cachingServer, evenServer, traces, treesOfTraces } from './workload.ts';

/**
 * How exact a replay is at 256 session trees on one core, by the records of a server whose prefix cache is known; and
 * what it costs beside the public benchmark's client. `--client PROGRAM` is its `agentx` or `aiperf`.
 */
const { values } = parseArgs({
  options: {
    client: { type: 'string' },
    trees: { type: 'string', default: '256' },
    duration: { type: 'string', default: '20' },
  },
});
const peer = values.client ?? onPath('agentx') ?? onPath('aiperf');
const folder = await mkdtemp(join(tmpdir(), 'agentic-replay-'));
try {
  await main();
} finally {
  await rm(folder, { recursive: true });
}

async function main(): Promise<void> {
  const lanes = Number(values.trees);
  const durationS = Number(values.duration);
  const replayed = { traces, lanes, durationS };
  {
    await using server = await startMockProcess(cachingServer);
    const by = await replayedByUs({ ...replayed, baseUrl: server.baseUrl, folder: join(folder, 'truth') });
    const pairs = pairedRequests(by.exported, await server.requests());
    write(`bench replay, ${lanes} session trees, ${durationS} s: what it reports, and what the server did`);
    for (const figure of comparedFigures(pairs)) write(inWords(figure));
  }
  write(`\nthe same traces, ${lanes} session trees, ${durationS} s, one core: cost and schedule error`);
  await compare('ours', replayedByUs, { ...replayed, folder: join(folder, 'ours') });
  if (peer === undefined) {
    write(
      'aiperf    skipped: it is not installed. `pip install agentx-harness` in a virtual environment, then --client ENVIRONMENT/bin/agentx',
    );
    return;
  }
  const byPeer = (run: Replayed) => replayedByAiperf(peer, run);
  await compare('aiperf', byPeer, { ...replayed, folder: join(folder, 'aiperf') });
}

async function compare(
  name: string,
  replay: (replayed: Replayed) => Promise<ReplayedBy>,
  replayed: Omit<Replayed, 'baseUrl'>,
): Promise<void> {
  await using server: MockProcess = await startMockProcess(evenServer);
  const { exported, cpuS } = await replay({ ...replayed, baseUrl: server.baseUrl });
  const served = await server.requests();
  const pairs = pairedRequests(exported, served);
  const errors = scheduleErrorsMs(pairs, treesOfTraces()).toSorted((a, b) => a - b);
  const at = (percent: number): string => percentileOf(errors, percent).toFixed(1);
  const measured = pairs.filter(({ isMeasured }) => isMeasured).length;
  write(
    `${name.padEnd(10)}${served.length} requests (${measured} measured), CPU ${cpuS.toFixed(1)} s, ${((1000 * cpuS) / served.length).toFixed(2)} ms per request; ` +
      `sent later than recorded: P50 ${at(50)}, P90 ${at(90)}, P99 ${at(99)} ms (${errors.length} pauses)`,
  );
  for (const figure of comparedFigures(pairs)) write(inWords(figure));
}

function inWords({ name, unit, client, server }: ComparedFigure): string {
  const error = `${(100 * (client / server - 1)).toFixed(2)} %`;
  return `  ${name.padEnd(30)} client ${client.toFixed(2)}, server ${server.toFixed(2)} ${unit}: ${error}`;
}

function onPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((place) => join(place, program)).find((file) => existsSync(file));
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}
