import { createHash } from 'node:crypto';
import { LoadError } from '../load-error.ts';
import { fitsContext } from './context-limit.ts';
import { readAgentTraces } from './read-traces.ts';
import type { ReplayedCorpus } from './replay/replay.ts';
import { type SessionTree, sessionsOf } from './sessions.ts';
import { type SynthesisOptions, synthesizeTraces } from './synthesize.ts';
import type { AgentTrace } from './trace.ts';

/** Where traces are read from: files of a data set of the hub, a file of the user, or nowhere. */
export type TraceSource =
  | {
      readonly kind: 'hub';
      readonly id: string;
      readonly revision: string;
      readonly files: readonly string[];
    }
  | { readonly kind: 'file'; readonly path: string; readonly sha256: string }
  | { readonly kind: 'synthetic'; readonly options: SynthesisOptions };

/** Which traces of a source are used. */
export interface CorpusLimits {
  /** Traces with a longer prompt and reply are left out. */
  readonly contextTokens?: number;
  /** Only this many of the rest are used. */
  readonly traces?: number;
}

/** The session trees of a corpus. */
export interface AgentCorpusTrees {
  readonly corpus: ReplayedCorpus;
  readonly trees: readonly SessionTree[];
  /** Traces that were left out because they are too long. */
  readonly tooLong: number;
}

/**
 * Reads the session trees of a source, in memory limited by the trees. Throws LoadError `bad-test` with file, line and
 * field of the first error, or if no trace is left.
 */
export async function readCorpus(
  source: TraceSource,
  models: readonly string[],
  { contextTokens = Number.POSITIVE_INFINITY, traces = Number.POSITIVE_INFINITY }: CorpusLimits = {},
): Promise<AgentCorpusTrees> {
  const trees: SessionTree[] = [];
  let tooLong = 0;
  let isPart = false;
  for await (const { trace, place } of tracesOf(source)) {
    if (trees.length >= traces) {
      isPart = true;
      break;
    }
    if (!fitsContext(trace, contextTokens)) tooLong++;
    else trees.push(sessionsOf(trace, place, { models }));
  }
  if (trees.length === 0) {
    throw new LoadError('bad-test', `${nameOf(source)}: no trace fits into ${contextTokens} tokens`, {
      hint: 'serve the model with a longer context, or use a corpus with shorter sessions',
    });
  }
  const id = source.kind === 'hub' ? source.id : undefined;
  return { corpus: { name: nameOf(source), id, isPart }, trees, tooLong };
}

async function* tracesOf(
  source: TraceSource,
): AsyncGenerator<{ readonly trace: AgentTrace; readonly place: { readonly file: string } }> {
  if (source.kind === 'synthetic') {
    for (const trace of synthesizeTraces(source.options)) yield { trace, place: { file: nameOf(source) } };
    return;
  }
  for (const file of source.kind === 'hub' ? source.files : [source.path]) yield* readAgentTraces(file);
}

/** The name of a source in results. */
function nameOf(source: TraceSource): string {
  switch (source.kind) {
    case 'hub':
      return `${source.id}@${source.revision}`;
    case 'file':
      return `${source.path} (sha256 ${source.sha256.slice(0, 12)})`;
    case 'synthetic': {
      const digest = createHash('sha256').update(JSON.stringify(source.options)).digest('hex');
      return `synthetic (${digest.slice(0, 12)})`;
    }
  }
}
