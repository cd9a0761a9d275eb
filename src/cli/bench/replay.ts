import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { writeFileAtomically } from '../../atomic-file.ts';
import { defined } from '../../defined/defined.ts';
import { WorkError } from '../../errors.ts';
import {
  affinityRouters,
  corpusForm,
  loadAgentic,
  loadTestDefaults,
  publicReplay,
  revisionOf,
  type TraceSource,
} from '../../load/index.ts';
import { interruptedExitCode, withInterrupt } from '../interrupt.ts';
import {
  fraction,
  jsonOption,
  nonNegative,
  positiveInteger,
  positiveNumber,
  wholeNumber,
} from '../options.ts';
import { tellError } from '../report.ts';
import { withLoadErrors } from './errors.ts';
import { replayProgressOn } from './replay-progress.ts';
import { modelNamedBy } from './server-of.ts';

interface ReplayOptions {
  readonly baseUrl: string;
  readonly model?: string;
  readonly concurrency: number;
  readonly benchmarkDuration?: number;
  readonly fast?: true;
  readonly randomSeed: number;
  readonly trajectoryStartMinRatio: number;
  readonly trajectoryStartMaxRatio: number;
  readonly warmupRequestsPerLane?: number;
  readonly systemIdleGapCapSeconds: number;
  readonly traceIdleGapCapSeconds: number;
  readonly failedRequestThreshold: number;
  readonly gracePeriod: number;
  readonly maxContextLength?: number;
  readonly numDatasetEntries?: number;
  readonly toolCalls?: true;
  readonly affinity?: readonly string[];
  readonly resultDir: string;
  readonly cacheDir?: string;
  readonly json?: true;
}

/** The short form of the public run, whose results are not reused. */
const fast = { durationS: 1200, warmupRequestsPerLane: 1 };

/** `inferencemax bench replay`: recorded coding-agent sessions against a server. */
export function replayCommand(): Command {
  return new Command('replay')
    .description(
      'Replays recorded sessions of coding agents against a server: session trees with subagents, shared prefixes and pauses, as in AgentX.',
    )
    .argument(
      '<traces>',
      'file of traces in the Weka format, one per line (`trace synthesize` generates one), or a Hugging Face data set, ORG/NAME or ORG/NAME@REVISION',
    )
    .requiredOption('--base-url <url>', 'server URL')
    .option('--model <name>', 'model name on the server (default: the first one listed by /v1/models)')
    .addOption(
      new Option('--concurrency <n>', 'number of session trees that are active at the same time')
        .argParser(positiveInteger)
        .default(1),
    )
    .addOption(
      new Option(
        '--benchmark-duration <s>',
        'length of the measured phase, in seconds (default: 3600)',
      ).argParser(positiveNumber),
    )
    .option('--fast', 'measure for 1200 s after one warm-up request per lane, for a quick trial')
    .addOption(
      new Option('--random-seed <n>', 'random seed of the start points and the text')
        .argParser(wholeNumber)
        .default(publicReplay.seed),
    )
    .addOption(
      new Option(
        '--trajectory-start-min-ratio <share>',
        'earliest start point of the first session of a lane, as a share of its recording',
      )
        .argParser(fraction)
        .default(publicReplay.startRatios[0]),
    )
    .addOption(
      new Option('--trajectory-start-max-ratio <share>', 'latest start point, as a share of the recording')
        .argParser(fraction)
        .default(publicReplay.startRatios[1]),
    )
    .addOption(
      new Option(
        '--warmup-requests-per-lane <n>',
        'warm-up requests per lane, of one output token each, before the clock starts (default: 10)',
      ).argParser(wholeNumber),
    )
    .addOption(
      new Option(
        '--system-idle-gap-cap-seconds <s>',
        'shorten pauses in which no request is in flight to this many seconds',
      )
        .argParser(nonNegative)
        .default(publicReplay.systemIdleCapS),
    )
    .addOption(
      new Option(
        '--trace-idle-gap-cap-seconds <s>',
        'shorten pauses in which a tree has no request in flight to this many seconds',
      )
        .argParser(nonNegative)
        .default(publicReplay.treeIdleCapS),
    )
    .addOption(
      new Option(
        '--failed-request-threshold <share>',
        'end the run if more than this share of requests fails',
      )
        .argParser(fraction)
        .default(publicReplay.mostFailed),
    )
    .addOption(
      new Option('--grace-period <s>', 'how long to wait for requests in flight at the end, in seconds')
        .argParser(nonNegative)
        .default(publicReplay.graceS),
    )
    .addOption(
      new Option(
        '--max-context-length <n>',
        'skip traces with a prompt and reply of more than this many tokens',
      ).argParser(positiveInteger),
    )
    .addOption(
      new Option(
        '--num-dataset-entries <n>',
        'replay only the first traces of the file, up to this number',
      ).argParser(positiveInteger),
    )
    .option('--tool-calls', 'send tool results as answers to tool calls, instead of user messages')
    .addOption(
      new Option(
        '--affinity <router...>',
        'send the headers by which these routers keep a session on one worker',
      ).choices(affinityRouters),
    )
    .addOption(new Option('--result-dir <folder>', 'folder for the results').default('results'))
    .option('--cache-dir <folder>', 'cache directory for data sets (default: that of engines and weights)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A lane replays one session tree at a time; --concurrency is the number of lanes. Its first tree starts in the middle of
the recording: the warm-up sends the context of every stream that is active there, and some requests without pauses;
then the clock starts. A turn is sent when its recorded pause after the previous turn is over, its children have ended,
and all turns that ended before it in the recording have ended. When a tree is complete, its lane starts the next trace.

Writes replay.json (figures and validity), and aiperf_artifacts/ in the format of AIPerf's exports, from which
\`results agentic\` creates the result row. If OPENAI_API_KEY is set, it is sent as a bearer token.

Examples:
  inferencemax trace synthesize traces.jsonl
  inferencemax bench replay traces.jsonl --base-url http://127.0.0.1:8000 --concurrency 4 --benchmark-duration 120
  inferencemax bench replay semianalysisai/cc-traces-weka-062126 --base-url http://127.0.0.1:8000 --concurrency 16`,
    )
    .action((traces: string, options: ReplayOptions) => withLoadErrors(() => replay(traces, options)));
}

async function replay(file: string, options: ReplayOptions): Promise<void> {
  const agentic = await loadAgentic();
  const { OPENAI_API_KEY: key } = process.env;
  const server = {
    ...loadTestDefaults,
    backend: 'openai-chat' as const,
    baseUrl: options.baseUrl,
    ignoreEos: true,
    seed: options.randomSeed,
    ...defined({ headers: key === undefined ? undefined : { Authorization: `Bearer ${key}` } }),
  };
  const tell = (text: string): void => void process.stderr.write(`${text}\n`);
  await withInterrupt(
    async (signal) => {
      // Other load tests need neither.
      const [{ traceSource }, { defaultCacheDir }] = await Promise.all([
        import('../../sweep/index.ts'),
        import('../../provision/index.ts'),
      ]);
      const source = await traceSource(sourceNamed(file), options.maxContextLength, {
        cacheDir: options.cacheDir ?? defaultCacheDir(),
        signal,
        onProgress: ({ reference, phase }) => tell(`${reference}: ${phase}`),
      });
      const model = options.model ?? (await modelNamedBy(server, signal, tell));
      const { corpus, trees, tooLong } = await agentic.readCorpus(
        source,
        [model],
        defined({ contextTokens: options.maxContextLength, traces: options.numDatasetEntries }),
      );
      if (tooLong > 0)
        tell(`note: ${tooLong} traces left out: they are longer than ${options.maxContextLength} tokens`);
      const { durationS, warmupRequestsPerLane } = options.fast ? fast : publicReplay;
      const asked = {
        corpus,
        server: { ...server, model, tokenizerId: model },
        trees,
        durationS: options.benchmarkDuration ?? durationS,
        graceS: options.gracePeriod,
        mostFailed: options.failedRequestThreshold,
        toolCalls: options.toolCalls === true,
        affinity: agentic.affinityHeaders.filter(({ router }) => options.affinity?.includes(router) === true),
        rules: {
          lanes: options.concurrency,
          seed: options.randomSeed,
          run: agentic.newRunId(),
          startRatios: [options.trajectoryStartMinRatio, options.trajectoryStartMaxRatio] as const,
          warmupRequestsPerLane: options.warmupRequestsPerLane ?? warmupRequestsPerLane,
          systemIdleCapS: options.systemIdleGapCapSeconds,
          treeIdleCapS: options.traceIdleGapCapSeconds,
        },
      };
      const run = await agentic.replayTraces(asked, {
        signal,
        onProgress: replayProgressOn(process.stderr),
      });
      const report = agentic.reportOf(run, asked);
      const dataset = { ...datasetOf(source), traces: trees.length };
      const folder = join(options.resultDir, 'aiperf_artifacts');
      await mkdir(folder, { recursive: true });
      for (const [name, text] of Object.entries(agentic.exportsOf(run, report, dataset))) {
        await writeFileAtomically(join(folder, name), text);
      }
      await writeFileAtomically(
        join(options.resultDir, 'replay.json'),
        `${JSON.stringify({ model, dataset, ...report }, null, 2)}\n`,
      );
      process.stdout.write(
        options.json ? `${JSON.stringify(report)}\n` : `${inWords(report)}\nwrote ${options.resultDir}\n`,
      );
      if (run.failure !== undefined)
        process.exitCode = tellError(new WorkError(`the replay ended early: ${run.failure}`));
      else if (signal.aborted) process.exitCode = interruptedExitCode;
    },
    () => process.stderr.write('\ninterrupted: reporting what is done (press Ctrl-C again to exit now)\n'),
  );
}

type Agentic = Awaited<ReturnType<typeof loadAgentic>>;
type Report = ReturnType<Agentic['reportOf']>;

/** A file, or a data set of the hub if there is no such file. */
function sourceNamed(traces: string) {
  const isFile = !corpusForm.test(traces) || existsSync(traces) || /\.jsonl?$/.test(traces);
  return isFile ? { kind: 'file' as const, path: traces } : { kind: 'hub' as const, ...revisionOf(traces) };
}

/** What the results say about the source. */
function datasetOf(source: TraceSource): Readonly<Record<string, unknown>> {
  if (source.kind === 'hub') return { name: source.id, revision: source.revision };
  return source.kind === 'file' ? { path: source.path, sha256: source.sha256 } : { ...source.options };
}

function inWords(report: Report): string {
  const { requests, validity } = report;
  const row = (name: string, figures: Report['ttft_ms'], unit: string): string =>
    figures === null
      ? `${name.padEnd(32)} not known`
      : `${name.padEnd(32)} P50 ${figures.p50.toFixed(1)}, P90 ${figures.p90.toFixed(1)}, P99 ${figures.p99.toFixed(1)} ${unit}`;
  const share = (value: number | null): string =>
    value === null ? 'not known' : `${(100 * value).toFixed(1)} %`;
  return [
    `${requests.completed} requests completed, ${requests.failed} failed, ${requests.cancelled} cancelled at the end`,
    `${report.plays} session trees, ${report.concurrency} at the same time`,
    row('TTFT', report.ttft_ms, 'ms'),
    row('E2EL', report.e2el_ms, 'ms'),
    row('TPOT', report.tpot_ms, 'ms'),
    row('normalized interactivity', report.e2e_normalized_interactivity, 'tok/s'),
    row('sent later than due', report.schedule_error_ms, 'ms'),
    `${'output throughput'.padEnd(32)} ${report.output_throughput === null ? 'not known' : `${report.output_throughput.toFixed(1)} tok/s`}`,
    `${'cache hits'.padEnd(32)} ideal ${share(report.ideal_hit_rate)}, achieved ${share(report.cached_share)} (by ${report.cached_share_requests} replies)`,
    validity.submission_valid
      ? 'valid for submission'
      : `not valid for submission: ${[...validity.submission_invalid_reasons].join(', ')}${validity.overrides.length === 0 ? '' : ` (${validity.overrides.join('; ')})`}`,
  ].join('\n');
}
