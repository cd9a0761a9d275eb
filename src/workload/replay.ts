import { z } from 'zod';
import { defined } from '../defined/defined.ts';
import {
  contextOfCorpus,
  corpusForm,
  corpusOfModel,
  publicReplay,
  revisionOf,
} from '../load/agentic/corpora.ts';
import { onFirstUse } from '../on-first-use.ts';
import { count, share, type Traffic } from './kind.ts';
import { fileFields } from './kinds/file-fields.ts';

/** The key under `scenarios` whose points replay sessions of coding agents. */
export const agenticScenario = 'agentic-coding';
/** What the identity of an own replay covers besides its definition: see `generator` of a workload kind. */
export const replayKind = { name: agenticScenario, generator: 1 } as const;

const seconds = (about: string) => z.number().min(0, 'expected a number, 0 or more').describe(about);

/** Sessions that are generated, with the options of `trace synthesize`. */
const synthetic = () =>
  z.strictObject({
    traces: count('Number of session trees').exactOptional(),
    turns: count('Turns of the main agent, on average').exactOptional(),
    seed: z.int().min(0, 'expected a number, 0 or more').exactOptional(),
    'block-size': count('Tokens per hash id').exactOptional(),
    'time-scale': z
      .number()
      .positive('expected a number above 0')
      .describe('Multiplies all pauses and durations')
      .exactOptional(),
  });

/** How an agentic scenario differs from the public one: fields named like the options of `bench replay`. */
export const replayFields = onFirstUse(() => {
  const { 'dataset-path': path, 'dataset-sha256': sha256 } = fileFields();
  return {
    corpus: z
      .string()
      .regex(corpusForm, 'expected a Hugging Face data set, ORG/NAME or ORG/NAME@REVISION')
      .describe('Hugging Face data set: ORG/NAME or ORG/NAME@REVISION')
      .exactOptional(),
    'dataset-path': path.exactOptional(),
    'dataset-sha256': sha256,
    synthetic: synthetic().describe('Generated sessions').exactOptional(),
    'max-context-length': count(
      'Longest prompt with its reply, in tokens: generated sessions keep to it, longer recorded ones are left out',
    ).exactOptional(),
    'num-dataset-entries': count('Use only the first traces').exactOptional(),
    'benchmark-duration': count('Length of the measured phase in seconds (default: 3600)').exactOptional(),
    'warmup-requests-per-lane': z.int().min(0).describe('Default: 10').exactOptional(),
    'random-seed': z.int().min(0).describe('Default: 42').exactOptional(),
    'trajectory-start-min-ratio': share('Earliest start point (default: 0.25)').exactOptional(),
    'trajectory-start-max-ratio': share('Latest start point (default: 0.75)').exactOptional(),
    'system-idle-gap-cap-seconds': seconds('Longest pause without any request (default: 10)').exactOptional(),
    'trace-idle-gap-cap-seconds': seconds('Longest pause of one tree (default: 300)').exactOptional(),
    'grace-period': seconds(
      'How long to wait for requests in flight at the end (default: 30)',
    ).exactOptional(),
    'tool-calls': z.literal(true).describe('Tool results as answers to tool calls').exactOptional(),
  };
});

const sources = ['corpus', 'dataset-path', 'synthetic'] as const;

/** Whether a block of a config says anything about the replay; otherwise it has the public one. */
export function isOwnReplay(block: object): boolean {
  return Object.keys(block).some((name) => name === 'name' || name in replayFields());
}

/** What an agentic block of a config says about the replay; undefined for the public one. */
export function replayOf<Block extends { readonly name?: string }>(
  block: Block,
): { readonly name: string; readonly traffic: ReplayDefinition } | undefined {
  const { name } = block;
  if (name === undefined) return undefined;
  const said = Object.entries(block).filter(([field]) => field in replayFields());
  return { name, traffic: replaySchema().parse(Object.fromEntries(said)) };
}

/** Exactly one source of sessions; a context length where nothing else states it. */
export function checkReplay(
  replay: Readonly<Record<string, unknown>>,
  context: Pick<z.core.$RefinementCtx, 'addIssue'>,
): void {
  const named = sources.filter((source) => replay[source] !== undefined);
  if (named.length !== 1) {
    const found = named.length === 0 ? 'none' : named.join(' and ');
    context.addIssue({ code: 'custom', message: `expected one of ${sources.join(', ')}, found ${found}` });
  }
  const corpus = typeof replay.corpus === 'string' ? revisionOf(replay.corpus).id : '';
  if (replay['max-context-length'] === undefined && contextOfCorpus(corpus) === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['max-context-length'],
      message: 'missing; the engine must hold the longest prompt with its reply, so its length is needed',
    });
  }
}

export const replaySchema = onFirstUse(() => z.strictObject(replayFields()).superRefine(checkReplay));
export type ReplayDefinition = z.output<ReturnType<typeof replaySchema>>;

/** Where the sessions of a replay come from. */
export type ReplaySource =
  | { readonly kind: 'hub'; readonly id: string; readonly revision?: string }
  | { readonly kind: 'file'; readonly path: string; readonly sha256?: string }
  | { readonly kind: 'synthetic'; readonly options: NonNullable<ReplayDefinition['synthetic']> };

/** How the sessions of a point are replayed. */
export interface ReplaySettings {
  readonly source: ReplaySource;
  /** No prompt with its reply is longer, in tokens. */
  readonly contextTokens: number;
  readonly traces?: number;
  readonly durationS: number;
  readonly warmupRequestsPerLane: number;
  readonly seed: number;
  readonly startRatios: readonly [number, number];
  readonly systemIdleCapS: number;
  readonly treeIdleCapS: number;
  readonly graceS: number;
  readonly mostFailed: number;
  readonly toolCalls: boolean;
}

/** The settings of a point: those of its config, and else the public ones. */
export function replaySettings(point: {
  /** As rows name it, such as `dsv4`. */
  readonly model: string;
  readonly durationS: number | undefined;
  readonly traffic: Traffic | undefined;
}): ReplaySettings {
  const { durationS = publicReplay.durationS } = point;
  const corpus = corpusOfModel(point.model);
  if (point.traffic === undefined) {
    const source = { kind: 'hub', id: corpus.id } as const;
    return { ...publicReplay, durationS, source, contextTokens: corpus.contextTokens };
  }
  const said = replaySchema().parse(point.traffic);
  const source = sourceOf(said);
  const known = source.kind === 'hub' ? contextOfCorpus(source.id) : undefined;
  const [earliest, latest] = publicReplay.startRatios;
  return {
    source,
    contextTokens: said['max-context-length'] ?? known ?? corpus.contextTokens,
    ...defined({ traces: said['num-dataset-entries'] }),
    durationS: said['benchmark-duration'] ?? durationS,
    warmupRequestsPerLane: said['warmup-requests-per-lane'] ?? publicReplay.warmupRequestsPerLane,
    seed: said['random-seed'] ?? publicReplay.seed,
    startRatios: [
      said['trajectory-start-min-ratio'] ?? earliest,
      said['trajectory-start-max-ratio'] ?? latest,
    ],
    systemIdleCapS: said['system-idle-gap-cap-seconds'] ?? publicReplay.systemIdleCapS,
    treeIdleCapS: said['trace-idle-gap-cap-seconds'] ?? publicReplay.treeIdleCapS,
    graceS: said['grace-period'] ?? publicReplay.graceS,
    mostFailed: publicReplay.mostFailed,
    toolCalls: said['tool-calls'] ?? publicReplay.toolCalls,
  };
}

function sourceOf(said: ReplayDefinition): ReplaySource {
  const { corpus, 'dataset-path': file, 'dataset-sha256': digest, synthetic: options = {} } = said;
  if (corpus !== undefined) return { kind: 'hub', ...revisionOf(corpus) };
  if (file !== undefined) return { kind: 'file', path: file, ...defined({ sha256: digest }) };
  return { kind: 'synthetic', options };
}
