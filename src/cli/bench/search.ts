import type { WatchedResult } from '../../app/watch-bench-server.ts';
import { defined } from '../../defined/defined.ts';
import { InputError } from '../../errors.ts';
import {
  type AskedTest,
  figure,
  type LoadSearch,
  type LoadTest,
  loadSearching,
  type SearchFigures,
  sloText,
} from '../../load/index.ts';
import { interruptedExitCode } from '../interrupt.ts';
import type { LoadOptions, ServeOptions } from './serve-options.ts';

/** The search that the options describe; undefined if they ask for none. Throws InputError. */
export async function searchAsked(options: ServeOptions): Promise<LoadSearch | undefined> {
  const { search: kind, slo: slos, searchRange: range } = options;
  if (kind === undefined) {
    const [alone] = Object.entries({
      '--search-range': range,
      '--search-resolution': options.searchResolution,
      '--search-confidence': options.searchConfidence,
      '--search-max-requests': options.searchMaxRequests,
    }).filter(([, value]) => value !== undefined);
    if (alone !== undefined) throw new InputError(`${alone[0]} needs --search`);
    return undefined;
  }
  const problem = problemOf(options);
  if (problem !== undefined) throw new InputError(...problem);
  const { searchDefaults } = await loadSearching();
  const { min, max } = range === undefined ? searchDefaults.range[kind] : { min: range.low, max: range.high };
  return {
    kind,
    min,
    max,
    resolution: options.searchResolution ?? searchDefaults.resolution,
    confidence: options.searchConfidence ?? searchDefaults.confidence,
    maxRequests: options.searchMaxRequests ?? searchDefaults.maxRequests,
    slos: slos ?? [],
  };
}

function problemOf({
  search,
  slo,
  searchRange,
  maxConcurrency,
  requestRate,
}: ServeOptions): [message: string, hint: string] | undefined {
  if (slo === undefined)
    return ['--search needs --slo', "say what the limits are, such as --slo 'ttft:p99<500'"];
  const isRate = search === 'rate';
  if (!isRate && maxConcurrency !== undefined)
    return [
      '--search chooses the concurrency',
      'limit it by --search-range 1-64 instead of --max-concurrency',
    ];
  if (Number.isFinite(requestRate))
    return isRate
      ? ['--search rate chooses the rate', 'limit it by --search-range 1-50 instead of --request-rate']
      : ['--search takes no --request-rate', 'use --search rate to find the highest rate'];
  if (isRate && maxConcurrency !== undefined && maxConcurrency.length > 1)
    return ['--search rate takes one --max-concurrency', 'it limits the requests in flight at every rate'];
  const ends = searchRange === undefined ? [] : [searchRange.low, searchRange.high];
  if (!isRate && !ends.every(Number.isInteger))
    return ['--search-range of a concurrency: expected whole numbers', 'for rates, use --search rate'];
  return undefined;
}

/** The options of one test of a search; each has other prompts, so that no prefix cache contains them. */
function optionsOfTest(
  { maxConcurrency = [], ...options }: ServeOptions,
  kind: LoadSearch['kind'],
  { level, requests, number }: AskedTest,
): LoadOptions {
  const asked = { ...options, numPrompts: requests, seed: (options.seed ?? 0) + number };
  if (kind === 'concurrency') return { ...asked, maxConcurrency: level };
  const [limit] = maxConcurrency;
  return { ...asked, requestRate: level, ...defined({ maxConcurrency: limit }) };
}

/** The options of the first test of a search, by which the others can be checked before anything is sent. */
export async function firstOptionsOf(search: LoadSearch, options: ServeOptions): Promise<LoadOptions> {
  const { firstTest, searchPlan } = await loadSearching();
  return optionsOfTest(options, search.kind, firstTest(searchPlan(search)));
}

/** Throws InputError if the data set decides when requests are sent, which a search would have to change. */
export function checkSearchable({ kind }: LoadSearch, { arrivals }: Pick<LoadTest, 'arrivals'>): void {
  if (kind === 'concurrency' && arrivals !== undefined)
    throw new InputError(
      '--search concurrency cannot send a trace at its own times',
      'use --search rate, which replaces them, or a data set without times',
    );
}

/** Runs one test of a search; its result is partial if the user interrupted it. */
export type RunTest = (options: LoadOptions) => Promise<WatchedResult>;

/**
 * Searches for the largest load within the SLOs, and returns the result of the longest test at that load, with the
 * answer; undefined if the user interrupted the first test.
 */
export async function searchLoads(
  search: LoadSearch,
  options: ServeOptions,
  run: RunTest,
): Promise<WatchedResult | undefined> {
  const { largestLoad } = await loadSearching();
  const largest = await largestLoad(search, (asked) => run(optionsOfTest(options, search.kind, asked)), {
    onTest: ({ level }, result) => report(options, search.kind, level, result),
    onNoAnswer: ({ level }, { message }) =>
      void process.stderr.write(`${loadInWords(search.kind, level)}: ${message}\n`),
  });
  if (largest === undefined) return undefined;
  const { state } = largest.search;
  if (largest.isInterrupted) process.exitCode = interruptedExitCode;
  else if (state === 'none' || state === 'stopped') process.exitCode = 1;
  return { ...largest.result, search: largest.search };
}

function report(
  { json }: ServeOptions,
  kind: LoadSearch['kind'],
  level: number,
  { slo, request_throughput: perSecond }: WatchedResult,
): void {
  if (slo === undefined) return;
  if (json === true) {
    process.stdout.write(`${JSON.stringify({ event: 'test', load: kind, level, slo })}\n`);
    return;
  }
  const shares = slo.limits.map(
    ({ metric, limit_ms, met }) =>
      `${metric} < ${limit_ms} ms in ${((100 * met) / slo.requests).toFixed(2)} %`,
  );
  process.stderr.write(
    `${loadInWords(kind, level)}: ${slo.requests} requests, ${shares.join(', ')}, ${figure(perSecond, 2)} req/s\n`,
  );
}

/** The answer in lines, for a terminal. */
export function searchLines(figures: SearchFigures): readonly string[] {
  const { load, state, bracket, interval, confidence, requests, tests } = figures;
  const percent = `${Number((100 * confidence).toPrecision(4))} %`;
  const [likely, above] = bracket;
  const [shown, missed] = interval;
  const row = (name: string, value: string): string => `${`${name}:`.padEnd(36)}${value}`;
  const end = (value: number | null, otherwise: string) => (value === null ? otherwise : String(value));
  return [
    row('Largest load within the SLOs', answerOf(figures, percent)),
    row('  SLOs', figures.slos.join(' ')),
    ...(state === 'none'
      ? []
      : [row('  bracket', `holds at ${end(likely, 'none')}, misses at ${end(above, 'none in range')}`)]),
    row(
      `  ${percent} interval of ${load}`,
      `[${end(shown, 'below the range')}, ${end(missed, 'beyond the range')})`,
    ),
    row('  tests', `${tests.length} with ${requests} requests`),
    ...(figures.monotone ? [] : ['  a higher load held than one that missed: the server is not steady']),
  ];
}

function answerOf({ load, state, bracket, interval, tests }: SearchFigures, percent: string): string {
  const [shown] = interval;
  const [likely, misses] = bracket;
  const first = loadInWords(load, tests[0]?.level ?? 1);
  if (state === 'none')
    return `none: even ${first} misses${interval[1] === null ? ', though not shown with certainty' : ''}`;
  if (state === 'stopped' && likely === null) return `not known: the requests ran out at ${first}`;
  const holds =
    shown === null
      ? `about ${loadInWords(load, likely ?? 0)}, not shown at ${percent}`
      : `${loadInWords(load, shown)}, shown at ${percent}`;
  if (state === 'beyond') return `at least ${holds}; raise --search-range`;
  if (state === 'stopped')
    return `at least ${holds}; the search was stopped${misses === null ? '' : ` below ${misses}`}`;
  return holds;
}

function loadInWords(kind: LoadSearch['kind'], level: number): string {
  return kind === 'concurrency' ? `concurrency ${level}` : `${level} req/s`;
}

/** The SLOs of a search, for the note before it starts. */
export function searchNote({ kind, min, max, slos, confidence }: LoadSearch): string {
  return `searching the highest ${kind} from ${min} to ${max} within ${slos.map(sloText).join(' ')}, at ${Number((100 * confidence).toPrecision(4))} % confidence`;
}
