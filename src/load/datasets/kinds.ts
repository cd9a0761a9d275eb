import { LoadError } from '../load-error.ts';
import {
  agents,
  type ConversationDefaults,
  makeConversations,
  makePrefixRepetition,
  makeRandom,
  makeRandomImages,
  makeRandomRanking,
  people,
} from './drawn.ts';
import type { DatasetFile } from './files/text-file.ts';
import type { DatasetOption, DatasetOptions, MadeDataset } from './options.ts';

/** A kind of data set. To add one, add an object to the list below. */
export interface DatasetKind {
  readonly name: string;
  /** The help text. */
  readonly help: string;
  /** The options it reads, in addition to the common ones. */
  readonly options: readonly DatasetOption[];
  /** Throws LoadError `bad-test` if the file cannot be used. */
  make(options: DatasetOptions): MadeDataset | Promise<MadeDataset>;
}

/** Options that every kind reads, or that are always true of drawn prompts. */
const commonOptions: readonly DatasetOption[] = [
  'numPrompts',
  'seed',
  'shard',
  'outputLen',
  'disableShuffle',
  'oversample',
  'tokenizerFile',
  'withoutReplies',
];

const drawnLengths: readonly DatasetOption[] = [
  'inputLen',
  'inputLenDist',
  'outputLenDist',
  'randomInputLen',
  'randomOutputLen',
  'randomRangeRatio',
  'randomPrefixLen',
];
const sampled: readonly DatasetOption[] = ['datasetPath', 'maxModelLen'];
const traced: readonly DatasetOption[] = ['datasetPath', 'maxModelLen', 'traceSpeedup'];

type FileReaders = typeof import('./files/index.ts');

/** A kind that is read from a file. Its reader is loaded on demand. */
function fileKind(
  kind: Pick<DatasetKind, 'name' | 'help' | 'options'> & { readonly takesCsv?: true },
  read: (readers: FileReaders, file: DatasetFile, options: DatasetOptions) => Promise<MadeDataset>,
): DatasetKind {
  const { takesCsv = false, ...rest } = kind;
  return {
    ...rest,
    async make(options) {
      const { datasetPath } = options;
      if (datasetPath === undefined) {
        throw new LoadError('bad-test', `--dataset-name ${kind.name} needs --dataset-path`);
      }
      const readers = await import('./files/index.ts');
      await using file = await readers.openTextFile(datasetPath);
      const csv = takesCsv ? undefined : readers.csvTraceOf(file.firstLine);
      if (csv !== undefined) {
        throw new LoadError('bad-test', `${datasetPath}:1: this is ${csv.what} (CSV), expected JSON`, {
          hint: `--dataset-name ${csv.kind} reads such files`,
        });
      }
      return await read(readers, file, options);
    },
  };
}

/** Conversations that are drawn, or given by their lengths in a file. */
function conversationKind(name: string, help: string, usual: ConversationDefaults): DatasetKind {
  const recorded = fileKind({ name, help, options: [] }, ({ readConversations }, file, options) =>
    readConversations(file, options),
  );
  return {
    name,
    help,
    options: [...drawnLengths, 'datasetPath', 'conversationTurns', 'turnInputLen', 'thinkTime'],
    make: (options) =>
      options.datasetPath === undefined ? makeConversations(options, usual) : recorded.make(options),
  };
}

export const datasetKinds: readonly DatasetKind[] = [
  {
    name: 'random',
    help: 'random prompts of exact lengths',
    options: [...drawnLengths, 'numPrefixes', 'prefixShare', 'corpus', 'randomBatchSize'],
    make: makeRandom,
  },
  {
    name: 'random-rerank',
    help: 'random queries, each with random documents to rank',
    options: [
      'inputLen',
      'inputLenDist',
      'randomInputLen',
      'randomRangeRatio',
      'randomBatchSize',
      'randomQueryLen',
    ],
    make: makeRandomRanking,
  },
  {
    name: 'random-mm',
    help: 'random prompts with random images, as chat messages',
    options: [
      ...drawnLengths,
      'randomMmBaseItemsPerRequest',
      'randomMmNumMmItemsRangeRatio',
      'randomMmBucketConfig',
    ],
    make: makeRandomImages,
  },
  {
    name: 'prefix_repetition',
    help: 'random prompts with common prefixes',
    options: [
      'inputLen',
      'inputLenDist',
      'outputLenDist',
      'randomRangeRatio',
      'prefixShare',
      'prefixRepetitionPrefixLen',
      'prefixRepetitionSuffixLen',
      'prefixRepetitionNumPrefixes',
      'prefixRepetitionOutputLen',
    ],
    make: makePrefixRepetition,
  },
  conversationKind(
    'conversations',
    'multi-turn conversations with think time, generated or with lengths from a file',
    people,
  ),
  conversationKind('agentic', 'conversations with a common prefix and the pauses of tool calls', agents),
  fileKind(
    {
      name: 'sharegpt',
      help: 'first turn of each conversation of a ShareGPT file; all turns with --multi-turn',
      options: [...sampled, 'sharegptOutputLen', 'sharegptContextLen', 'multiTurn', 'thinkTime'],
    },
    ({ readShareGpt }, file, options) => readShareGpt(file, options),
  ),
  fileKind(
    {
      name: 'custom',
      help: 'prompts, chat messages or token ids, as JSON lines or a JSON array',
      options: [...sampled, 'customOutputLen'],
    },
    ({ readPrompts }, file, options) => readPrompts(file, options),
  ),
  fileKind(
    {
      name: 'messages',
      help: 'chat messages only',
      options: [...sampled, 'customOutputLen'],
    },
    ({ readMessages }, file, options) => readMessages(file, options),
  ),
  fileKind(
    {
      name: 'openai-batch',
      help: 'requests of an OpenAI batch input file',
      options: [...sampled, 'customOutputLen'],
    },
    ({ readOpenAiBatch }, file, options) => readOpenAiBatch(file, options),
  ),
  fileKind(
    {
      name: 'trace',
      help: "a trace, replayed at its recorded times (Mooncake's or Bailian's format, or a CSV one below)",
      options: [...traced, 'traceBlockSize'],
      takesCsv: true,
    },
    ({ readMooncake, readCsvTrace, csvTraceOf }, file, options) => {
      const csv = csvTraceOf(file.firstLine);
      return csv === undefined ? readMooncake(file, options) : readCsvTrace(file, options, csv);
    },
  ),
  fileKind(
    {
      name: 'otel',
      help: 'model calls in OpenTelemetry spans (JSON lines), at their recorded times',
      options: traced,
    },
    ({ readOtelSpans }, file, options) => readOtelSpans(file, options),
  ),
  fileKind(
    { name: 'azure', help: "Azure's LLM inference trace (CSV)", options: traced, takesCsv: true },
    ({ readCsvTrace, azure }, file, options) => readCsvTrace(file, options, azure),
  ),
  fileKind(
    {
      name: 'burstgpt',
      help: 'BurstGPT (CSV); requests without a response are skipped',
      options: traced,
      takesCsv: true,
    },
    ({ readCsvTrace, burstGpt }, file, options) => readCsvTrace(file, options, burstGpt),
  ),
];

export const datasetNames: readonly string[] = datasetKinds.map(({ name }) => name);

/**
 * Creates a data set of the kind with this name. The notes list options that the kind does not read. Throws LoadError
 * `bad-test`.
 */
export async function makeDataset(name: string, options: DatasetOptions): Promise<MadeDataset> {
  const kind = datasetKinds.find((candidate) => candidate.name === name);
  if (kind === undefined) {
    throw new LoadError('bad-test', `unknown data set type '${name}'`, {
      hint: `there are ${datasetNames.join(', ')}`,
    });
  }
  const made = await kind.make(options);
  const reads: readonly DatasetOption[] = [...commonOptions, ...kind.options];
  const unread = [...new Set(datasetKinds.flatMap(({ options: known }) => known))]
    .filter((option) => options[option] !== undefined && !reads.includes(option))
    .map((option) => `--${option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
  return unread.length === 0
    ? made
    : { ...made, notes: [...made.notes, `not read by --dataset-name ${name}: ${unread.join(', ')}`] };
}
