import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Command } from 'commander';
import type { WatchedResult } from '../../app/watch-bench-server.ts';
import { appendLine, checkWritable, writeFileAtomically } from '../../atomic-file.ts';
import { defined } from '../../defined/defined.ts';
import { InputError, WorkError } from '../../errors.ts';
import {
  type Conformance,
  checkLoadTest,
  eachServerOf,
  formatResult,
  type LoadContext,
  type LoadProgress,
  type LoadSearch,
  type LoadTest,
  runLoadTest,
  shownServer,
} from '../../load/index.ts';
import { printable } from '../../printable.ts';
import { productVersion } from '../../product-version.ts';
import { interruptedExitCode, withInterrupt } from '../interrupt.ts';
import { invocation } from '../invocation.ts';
import { readConformance } from './conformance.ts';
import { withLoadErrors } from './errors.ts';
import { ProfileFolder } from './kept-profile.ts';
import { levelLine, levelsTable } from './levels.ts';
import { progressOn } from './progress.ts';
import { untilReady } from './ready.ts';
import {
  checkSearchable,
  firstOptionsOf,
  searchAsked,
  searchLines,
  searchLoads,
  searchNote,
} from './search.ts';
import { addServeOptions, type LoadOptions, type ServeOptions } from './serve-options.ts';
import { isProfiled, loadTestOf, loadTestsAsked, namesOf, seedNote, seedOf } from './serve-test.ts';
import { modelNamedBy } from './server-of.ts';
import { ServerProcess } from './server-process.ts';

export function serveCommand(): Command {
  const command = new Command('serve').description(
    "Load-tests a server and reports latency and throughput. Options are named as in vLLM's bench serve.",
  );
  return addServeOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  inferencemax bench serve --base-url http://127.0.0.1:8000 --model llama --random-input-len 1024 \\
    --random-output-len 1024 --random-range-ratio 0.8 --max-concurrency 64 --num-prompts 640 --ignore-eos --save-result
  inferencemax bench serve --base-url http://127.0.0.1:8000 --random-input-len 1024 --random-output-len 1024 \\
    --ignore-eos --max-concurrency 1,2,4,8,16 --publish --hardware h100 --framework vllm \\
    --image vllm/vllm-openai:v0.11.0 --precision fp8 --tp 8
  inferencemax bench serve --config bench.yaml --max-concurrency 64
  inferencemax bench serve --base-url http://127.0.0.1:8000 --random-input-len 1024 --random-output-len 128 \\
    --ignore-eos --search --slo 'ttft:p99<500' 'tpot:p99<50'

With --publish, the points appear on the dashboard (\`inferencemax serve\`). The options that describe the server are stored, so the next run against the same address and model does not need them.
Exit codes: 0 measured, 1 a measurement is invalid or failed, or no load is within the SLOs, 2 bad usage or input, 130 interrupted.`,
    )
    .hook('preAction', async (_, action) => {
      const { config } = action.opts<ServeOptions>();
      if (config === undefined) return;
      const { applyServeConfig } = await import('./serve-config.ts');
      await applyServeConfig(action, config);
    })
    .action(serve);
}

async function serve(given: ServeOptions): Promise<void> {
  const options = { ...given, seed: seedOf(given) };
  const conformance =
    options.conformance === undefined ? undefined : await readConformance(options.conformance);
  const search = await searchAsked(options);
  const levels = search === undefined ? loadTestsAsked(options) : [await firstOptionsOf(search, options)];
  const results: WatchedResult[] = [];
  const published: object[] = [];
  try {
    await withLoadErrors(async () => {
      const tests = await Promise.all(
        levels.map(async (level) => ({ level, test: await loadTestOf(level, process.env.OPENAI_API_KEY) })),
      );
      if (search !== undefined) for (const { test } of tests) checkSearchable(search, test);
      for (const { level, test } of tests) checkLoadTest({ ...test, ...namesOf(level, level.model ?? '') });
      await Promise.all(levels.map(checkTarget));
      const notes = new Set(tests.flatMap(({ test }) => test.notes ?? []));
      tell([...notes, ...seedNote(given, options.seed)]);
      await withInterrupt(
        async (signal) => await measure(tests, { options, search, signal, results, published, conformance }),
        () =>
          process.stderr.write('\ninterrupted: reporting what is done (press Ctrl-C again to exit now)\n'),
      );
    });
  } finally {
    if (levels.length > 1 && results.length > 0 && options.json !== true)
      process.stdout.write(`${levelsTable(results)}\n`);
    if (published.length > 0 && options.json !== true)
      process.stderr.write(`view the points with: ${invocation(process.env)} serve\n`);
  }
  if (results.some(({ partial }) => partial === true) || results.length < levels.length)
    process.exitCode = interruptedExitCode;
  else if (results.some(({ fidelity }) => fidelity.verdict === 'invalid')) process.exitCode = 1;
}

type NamelessTest = Awaited<ReturnType<typeof loadTestOf>>;

interface Measuring {
  readonly options: ServeOptions;
  readonly search: LoadSearch | undefined;
  readonly signal: AbortSignal;
  /** Each result is added as soon as it is complete. */
  readonly results: WatchedResult[];
  /** What was added to the store for each result. */
  readonly published: object[];
  readonly conformance: Conformance | undefined;
}

type MeasureOnce = (test: LoadTest, onRequests: LoadContext['onRequests']) => Promise<WatchedResult>;

interface Level {
  readonly level: LoadOptions;
  readonly test: NamelessTest;
}

/** Measures one level after the other; finished levels are kept if one fails or the user interrupts. */
async function measure(levels: readonly Level[], context: Measuring): Promise<void> {
  const { options, search, signal, results } = context;
  const [first] = levels;
  if (first === undefined) return;
  const shape = await publishedShape(options, first.test);
  await Promise.all(
    eachServerOf(first.test).map((server) =>
      untilReady(server, options.readyCheckTimeoutSec, signal, (note) => tell([note])),
    ),
  );
  const model = options.model ?? (await modelNamedBy(first.test, signal, (note) => tell([note])));
  const publication =
    shape === undefined
      ? undefined
      : await (await import('./publish.ts')).publicationOf(
          options,
          { baseUrl: first.test.baseUrl, model, shape },
          (note) => tell([note]),
        );
  const server = await watchedServer(options, first.test);
  const profile = await profileFolderOf(options);
  const serverProcess =
    options.serverPid === undefined ? undefined : await ServerProcess.watch(options.serverPid);
  try {
    const answered = async (
      share: number,
      test: LoadTest,
      ...how: [LoadContext['onRequests'], MeasureOnce]
    ) =>
      await (await import('./answers.ts')).withQuestions(
        test,
        {
          share,
          signal,
          apiKey: process.env.OPENAI_API_KEY,
          savesTexts: options.saveText === true,
          note: (text) => tell([text]),
        },
        ...how,
      );
    const run = async ({ level, test }: Level): Promise<WatchedResult> => {
      const asked = { ...test, ...namesOf(level, model) };
      const measuring = {
        signal: serverProcess === undefined ? signal : AbortSignal.any([signal, serverProcess.signal]),
        onProgress: watcher(level, search === undefined && levels.length === 1),
      };
      const length = level.forcedAcceptanceLength;
      const mark = length === undefined ? undefined : { acceptance_length: length };
      const once = async (one: LoadTest, onRequests: LoadContext['onRequests']): Promise<WatchedResult> => {
        const context = { ...measuring, ...defined({ onRequests }) };
        return await outlived(serverProcess, async () =>
          server === undefined
            ? await runLoadTest(one, context)
            : await server.measure(one, context, { forced: length !== undefined }),
        );
      };
      const writer = requestsWriter(level, levels.length);
      const result =
        level.answers === undefined
          ? await once(asked, writer)
          : await answered(level.answers, asked, writer, once);
      return { ...result, ...defined({ forced_acceptance: mark }) };
    };
    const keep = async (result: WatchedResult, level: LoadOptions): Promise<void> => {
      results.push(result);
      // Print the measurement even if it can no longer be saved.
      await print(result, options, levels.length);
      if (result.partial !== true) await publication?.add(result, signal);
      if (saves(level)) await save(result, level, { ...context, profile, levels: levels.length });
    };
    if (search !== undefined) {
      tell([searchNote(search)]);
      const best = await searchLoads(search, options, async (level) =>
        run({ level, test: await loadTestOf(level, process.env.OPENAI_API_KEY) }),
      );
      if (best !== undefined) await keep(best, first.level);
    } else {
      for (const one of levels) {
        if (signal.aborted) break;
        await keep(await run(one), one.level);
      }
    }
  } finally {
    serverProcess?.stop();
    const stored = await publication?.finish((note) => tell([note]));
    if (stored !== undefined) {
      context.published.push(stored);
      if (options.json === true)
        process.stdout.write(`${JSON.stringify({ event: 'published', ...stored })}\n`);
    }
  }
}

/** The result of a test during which the server's process, if it is watched, did not end. */
async function outlived<T>(server: ServerProcess | undefined, test: () => Promise<T>): Promise<T> {
  try {
    const result = await test();
    await server?.check();
    return result;
  } catch (error) {
    if (!(error instanceof WorkError)) await server?.check(error);
    throw error;
  }
}

/** Where the server's profile can be found after a test; undefined if it is not asked for, not saved or elsewhere. */
async function profileFolderOf(options: ServeOptions): Promise<ProfileFolder | undefined> {
  const { VLLM_TORCH_PROFILER_DIR, SGLANG_TORCH_PROFILER_DIR } = process.env;
  const folder = options.profileDir ?? (VLLM_TORCH_PROFILER_DIR || SGLANG_TORCH_PROFILER_DIR);
  if (!isProfiled(options) || folder === undefined || folder === '' || !saves(options)) return undefined;
  return await ProfileFolder.open(folder);
}

/** What to read from the server besides its replies, as the options allow; undefined for nothing. */
async function watchedServer(
  { serverMetrics, metricsUrl }: ServeOptions,
  test: Pick<LoadTest, 'baseUrl' | 'otherBaseUrls' | 'insecure' | 'headers'>,
) {
  if (!serverMetrics) return undefined;
  const { BenchServer } = await import('../../app/watch-bench-server.ts');
  const { otherBaseUrls = [] } = test;
  const ofEach =
    otherBaseUrls.length === 0
      ? undefined
      : eachServerOf(test).map(({ baseUrl }) => `${shownServer(baseUrl)}/metrics`);
  return await BenchServer.find({ ...test, metricsUrls: metricsUrl ?? ofEach });
}

async function publishedShape(options: ServeOptions, test: Pick<LoadTest, 'dataset' | 'backend'>) {
  if (options.publish !== true) return undefined;
  const shape = (await import('./publish.ts')).checkPublishable(options, test);
  if (options.ignoreEos !== true)
    tell([
      `without --ignore-eos, replies may end before ${shape.osl} tokens, while the points are labelled ${shape.osl}`,
    ]);
  return shape;
}

function tell(notes: readonly string[] = []): void {
  for (const note of notes) process.stderr.write(`note: ${printable(note)}\n`);
}

/** Shows progress; unless the test is the only one, each line names its load. */
function watcher(
  { json, maxConcurrency, requestRate }: LoadOptions,
  isOnly: boolean,
): (progress: LoadProgress) => void {
  const isRate = Number.isFinite(requestRate);
  const which = defined({
    max_concurrency: isOnly ? undefined : maxConcurrency,
    request_rate: isOnly || !isRate ? undefined : requestRate,
  });
  if (json === true)
    return (progress) =>
      process.stdout.write(`${JSON.stringify({ event: 'progress', ...which, ...progress })}\n`);
  const load = isRate ? `${requestRate} req/s` : `concurrency ${maxConcurrency}`;
  return progressOn(process.stderr, isOnly ? '' : `${load}, `);
}

type SavingOption = 'saveResult' | 'saveDetailed' | 'appendResult';

function saves({ saveResult, saveDetailed, appendResult }: Pick<LoadOptions, SavingOption>): boolean {
  return saveResult === true || saveDetailed === true || appendResult === true;
}

/** Loaded on demand: few tests save their requests. */
async function requestFiles() {
  const { loadRequestFiles } = await import('../../results/index.ts');
  return await loadRequestFiles();
}

/** Saves the records of a test's requests; with several levels, each has its own file. */
function requestsWriter(
  { saveRequests, maxConcurrency }: LoadOptions,
  levels: number,
): LoadContext['onRequests'] {
  if (saveRequests === undefined) return undefined;
  const path = levels === 1 ? saveRequests : named(saveRequests, `-concurrency${maxConcurrency}`);
  return async (requests) => {
    const { writeRequests } = await requestFiles();
    await writeRequests(path, requests);
    process.stderr.write(`written: ${path}\n`);
  };
}

/** Checks, before the test, that its files can be written. Throws WorkError or InputError if not. */
async function checkTarget(options: LoadOptions): Promise<void> {
  const { saveRequests } = options;
  if (saveRequests !== undefined) {
    const { requestFormatOf } = await requestFiles();
    requestFormatOf(saveRequests);
    await checkWritable(saveRequests);
  } else if (options.saveText === true) throw new InputError('--save-text needs --save-requests');
  if (!saves(options)) return;
  const path = join(options.resultDir, options.resultFilename ?? 'result.json');
  await checkWritable(path);
  if (options.appendResult !== true || options.resultFilename === undefined) return;
  const [line = ''] = (await readFile(path, 'utf8').catch(() => '')).split('\n', 1);
  try {
    if (line !== '') JSON.parse(line);
  } catch {
    throw new InputError([
      {
        code: 'bad-option',
        file: path,
        line: 1,
        message: 'cannot append to this file: a line is not JSON',
        hint: 'choose another file with --result-filename',
      },
    ]);
  }
}

interface Saving {
  readonly conformance: Conformance | undefined;
  readonly profile: ProfileFolder | undefined;
  /** How many concurrencies are measured. */
  readonly levels: number;
}

async function save(
  result: WatchedResult,
  { resultDir, resultFilename, label, metadata, appendResult, maxConcurrency }: LoadOptions,
  { conformance, profile, levels }: Saving,
): Promise<void> {
  const isShared = appendResult === true || levels === 1 || resultFilename === undefined;
  const name = isShared
    ? (resultFilename ?? filenameOf(result))
    : named(resultFilename, `-concurrency${maxConcurrency}`);
  const path = join(resultDir, name);
  const profileFiles = await profile?.keep(resultDir, name.slice(0, name.length - extname(name).length));
  // Measured fields win over user metadata with the same name.
  const kept = {
    ...defined({ label }),
    ...metadata,
    ...defined({ conformance }),
    // The version determines what the figures mean.
    provenance: { product: { version: productVersion() } },
    ...result,
    ...defined({ profile_files: profileFiles }),
  };
  if (appendResult === true) await appendLine(path, JSON.stringify(kept));
  else await writeFileAtomically(path, `${JSON.stringify(kept, null, 2)}\n`);
  process.stderr.write(`written: ${path}\n`);
}

/** `result.json` with a suffix before its extension. */
function named(filename: string, ending: string): string {
  const extension = extname(filename);
  return `${filename.slice(0, filename.length - extension.length)}${ending}${extension}`;
}

async function print(
  result: WatchedResult,
  { json, percentileMetrics }: ServeOptions,
  levels: number,
): Promise<void> {
  if (json === true) process.stdout.write(`${JSON.stringify({ event: 'result', ...result })}\n`);
  else if (levels > 1) process.stderr.write(`${levelLine(result)}\n`);
  else {
    const beside = [
      ...(result.server_metrics === undefined ? [] : (await import('./server-lines.ts')).serverLines(result)),
      ...(result.answers_under_load === undefined ? [] : (await import('./answers.ts')).answerLines(result)),
    ];
    const lines = [
      formatResult(result, percentileMetrics, beside),
      ...(result.search === undefined ? [] : searchLines(result.search)),
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
}

/** A file name like vLLM's: backend, rate, concurrency, model, date. */
function filenameOf(result: WatchedResult): string {
  const { backend, request_rate: rate, max_concurrency, model_id, date } = result;
  const concurrency = max_concurrency === null ? '' : `-concurrency${max_concurrency}`;
  const model = model_id.split(/[/\\]/).at(-1) ?? model_id;
  return `${backend}-${rate === null ? 'varying' : rate}qps${concurrency}-${model}-${date}.json`;
}
