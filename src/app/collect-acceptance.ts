import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../atomic-file.ts';
import {
  type AcceptanceFile,
  acceptanceText,
  readAcceptanceFile,
  type ThinkingMode,
} from '../config/index.ts';
import { InputError, WorkError } from '../errors.ts';
import type { LoadContext, LoadTest } from '../load/index.ts';
import type { DraftFigures } from '../telemetry/index.ts';
import type { MeteredServer } from './server-metrics-places.ts';
import { BenchServer } from './watch-bench-server.ts';

/** The acceptance of drafts on a data set, by the server's own counters. */
export interface MeasuredAcceptance {
  readonly engine: string;
  readonly requests: number;
  readonly outputTokens: number | null;
  readonly speculativeTokens: number;
  readonly length: number;
  readonly figures: DraftFigures;
  /** Requests of other clients in the same counters; null if unknown. */
  readonly otherRequests: number | null;
}

/**
 * Sends a data set to a running server and reads how many drafted tokens it accepted meanwhile (contract F8: 1 + accepted
 * tokens / verified drafts). Throws WorkError if the server does not draft or does not say so, or if requests failed.
 */
export async function measureAcceptance(
  server: MeteredServer,
  test: LoadTest,
  asked: { readonly speculativeTokens?: number },
  context: LoadContext,
): Promise<MeasuredAcceptance> {
  const watched = await BenchServer.find(server);
  const result = await watched.measure(test, context);
  const { server_metrics: metrics, completed, failed, partial } = result;
  if (partial === true) context.signal.throwIfAborted();
  if (completed === 0 || failed > 0)
    throw notMeasured(`${failed} of ${completed + failed} requests failed`, 'see the engine’s log');
  if (metrics?.state !== 'read')
    throw notMeasured(
      `the server's metrics cannot be read: ${metrics?.reason ?? 'they were not asked for'}`,
      'enable the metrics of the engine, or pass --metrics-url',
    );
  const { spec_decode: figures, engine, other_requests: otherRequests } = metrics;
  if (figures === null)
    throw notMeasured(`${engine} drafted no tokens`, 'start it with speculative decoding');
  if (figures.acceptance_length === null)
    throw notMeasured(`${engine} does not count verified drafts`, 'use an engine that does, such as vLLM');
  const byPosition = figures.acceptance_by_position?.length;
  const speculativeTokens = asked.speculativeTokens ?? byPosition;
  if (speculativeTokens === undefined)
    throw new InputError(
      `${engine} does not say how many tokens it drafts`,
      'pass --speculative-tokens, as in the settings of the engine',
      { code: 'bad-option' },
    );
  if (figures.acceptance_length > speculativeTokens + 1)
    throw new InputError(
      `the acceptance length ${figures.acceptance_length.toFixed(2)} is impossible with ${speculativeTokens} speculative tokens`,
      'pass the --speculative-tokens that the engine was started with',
      { code: 'bad-option' },
    );
  const { total_output_tokens: outputTokens } = result;
  const length = figures.acceptance_length;
  return { engine, requests: completed, outputTokens, speculativeTokens, length, figures, otherRequests };
}

function notMeasured(why: string, hint: string): WorkError {
  return new WorkError(`the acceptance was not measured: ${why}`, { code: 'not-a-result', hint });
}

/** A measured length, and the place in a file where it belongs. */
export interface CollectedLength {
  readonly model: string;
  readonly mode: ThinkingMode;
  readonly speculativeTokens: number;
  readonly length: number;
  /** How it was measured, for the comments at the top of the file. */
  readonly how: string;
}

/** Adds a length to a file of acceptance lengths, or writes a new one; other lengths and comments stay. */
export async function addLength(file: string, one: CollectedLength): Promise<void> {
  const before: AcceptanceFile = existsSync(file) ? await readAcceptanceFile(file) : {};
  const modes = before[one.model] ?? {};
  const lengths = { ...modes[one.mode], [one.speculativeTokens]: one.length };
  const curves = { ...before, [one.model]: { ...modes, [one.mode]: lengths } };
  const place = `${one.model} ${one.mode} ${one.speculativeTokens}:`;
  const kept = (await commentsOf(file)).filter((comment) => !comment.startsWith(place));
  await writeFileAtomically(file, acceptanceText(curves, [...kept, `${place} ${one.how}`]));
}

/** The comment lines at the top of a file. */
async function commentsOf(file: string): Promise<string[]> {
  if (!existsSync(file)) return [];
  const lines = (await readFile(file, 'utf8')).split('\n');
  const end = lines.findIndex((line) => !line.startsWith('#'));
  return lines.slice(0, end === -1 ? undefined : end).map((line) => line.replace(/^#\s?/, ''));
}
