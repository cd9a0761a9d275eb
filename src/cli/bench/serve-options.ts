import { type Command, InvalidArgumentError, Option } from 'commander';
import { serverFacts } from '../../identity/index.ts';
import {
  type ArrivalOption,
  type ArrivalOptions,
  arrivalOptions,
  backendNames,
  datasetKinds,
  datasetNames,
  loadKinds,
  loadTestDefaults,
  type OptionValues,
  repliesInHistory,
  urlAssignments,
  usualLatencies,
} from '../../load/index.ts';
import {
  commaListForm,
  formOf,
  jsonMapForm,
  mapForm,
  numberForm,
  numberOrTextForm,
  numbersForm,
  sharesForm,
  textsForm,
} from '../option-form.ts';
import {
  addTables,
  choice,
  choiceOr,
  choiceOrPreset,
  conflicting,
  flag,
  flagOff,
  inFile,
  number,
  numberOr,
  type OptionTableValues,
  type TableOption,
  text,
  textOr,
  unlisted,
  value,
  valueOr,
} from '../option-table.ts';
import {
  anyNumber,
  decimal,
  fraction,
  nonNegative,
  portNumber,
  positiveInteger,
  positiveIntegerUpTo,
  positiveNumber,
  waitS,
  wholeNumber,
  wholeNumberUpTo,
} from '../options.ts';
import { factOption } from '../server-facts.ts';
import { type StoreOptionValues, storeOptions } from '../store-options.ts';
import { addForeignOptions } from './foreign-options.ts';
import {
  concurrencies,
  errorBound,
  goodput,
  header,
  host,
  idRange,
  innerShare,
  jsonObject,
  listOfNames,
  loadRange,
  metadata,
  metrics,
  metricsAddress,
  namesWithShares,
  numberOrRange,
  percents,
  precision,
  seedNumber,
  serverAddresses,
  shard,
  shareAboveNone,
  slo,
} from './serve-parsers.ts';

/** Limits: more than the context of any model today, and more requests than fit into memory. */
const tokens = positiveIntegerUpTo(100_000_000);
const tokensOrNone = wholeNumberUpTo(100_000_000);
const requests = positiveIntegerUpTo(100_000_000);
const threads = positiveIntegerUpTo(1024);
const oneDayS = positiveIntegerUpTo(86_400);

const server = {
  backend: choiceOr(loadTestDefaults.backend, backendNames, '--backend <name>', 'API protocol'),
  endpointType: unlisted(
    conflicting(choice(backendNames, '--endpoint-type <name>', 'the same'), ['backend']),
  ),
  baseUrl: inFile(
    textsForm,
    value(
      '--base-url <urls...>',
      'server URL, or unix:///path/to/socket; several, also separated by commas, share the requests (default: from --host and --port)',
      serverAddresses,
    ),
  ),
  urlAssignment: choiceOr(
    'session',
    urlAssignments,
    '--url-assignment <how>',
    'with several URLs: all turns of a conversation go to the same one, or each request to the next one',
  ),
  sessionHeader: text(
    '--session-header <name>',
    'send this header with the id of the conversation, such as x-session-id, for routers with session affinity',
  ),
  endpoint: text('--endpoint <path>', "request path, with an optional query string (default: the backend's)"),
  host: valueOr('127.0.0.1', '--host <host>', 'server host, if --base-url is not given', host),
  port: numberOr(8000, '--port <port>', 'server port, if --base-url is not given', portNumber),
  insecure: flag('--insecure', "do not verify the server's TLS certificate; recorded in the result"),
  model: text('--model <name>', 'model name on the server (default: the first one listed by /v1/models)'),
  servedModelName: text('--served-model-name <name>', 'model name to send, if it differs from --model'),
  loraModules: inFile(
    sharesForm,
    value(
      '--lora-modules <names...>',
      'LoRA adapters: each request uses one of them as its model; name=share for unequal shares, such as a=3 b=1',
      namesWithShares,
    ),
  ),
  loraAssignment: choiceOr(
    'random',
    ['random', 'round-robin'],
    '--lora-assignment <how>',
    'how to choose the adapter: at random, drawn with the seed, or round-robin',
  ),
  tokenizer: text(
    '--tokenizer <name>',
    'recorded in the result (default: the model); if it is a tokenizer.json or a folder with one, prompts have exact token counts',
  ),
  header: inFile(
    mapForm('='),
    value(
      '--header <name=value...>',
      'extra request headers; they replace default headers of the same name; $OPENAI_API_KEY is sent as a bearer token',
      header,
    ),
  ),
  metricsUrl: value(
    '--metrics-url <urls...>',
    'Prometheus metrics URLs, for example of each engine behind a router (default: /metrics of the server)',
    metricsAddress,
  ),
  serverMetrics: flagOff(
    '--no-server-metrics',
    "do not read the server's own metrics, nor the power of this machine's GPUs if the server runs here",
  ),
  requestIdPrefix: text(
    '--request-id-prefix <text>',
    "send an x-request-id with each request: this prefix and the request's number",
  ),
};

/**
 * What to send, with vLLM's option names where it has them. Options have no defaults here: each kind of data set
 * defines its defaults, and names the options that it does not read.
 */
const dataset = {
  datasetName: choiceOr('random', datasetNames, '--dataset-name <name>', 'data set type; see the list below'),
  datasetPath: text('--dataset-path <file>', 'data set file'),
  numPrompts: number(
    '--num-prompts <n>',
    'number of requests (default: 1000, but no more than the file has; 10 × concurrency for a list of concurrencies; all requests of a trace)',
    requests,
  ),
  seed: number(
    '--seed <n>',
    'random seed; the same seed sends the same bytes in the same order (default: a new one, which is printed and in the result; 0 with --shard)',
    seedNumber,
  ),
  outputLen: number('--output-len <n>', "output tokens per reply, instead of the data set's", tokens),
  inputLen: number('--input-len <n>', 'like --random-input-len, for any generated data set', tokens),
  inputLenDist: conflicting(
    text(
      '--input-len-dist <distribution>',
      'distribution of prompt lengths: normal:MEAN,STD, lognormal:MEDIAN,SIGMA, uniform:LOW,HIGH, fixed:N, histogram:FILE, or a mix such as 0.8*normal:900,200+0.2*fixed:8000',
    ),
    ['inputLen', 'randomInputLen', 'turnInputLen', 'prefixRepetitionSuffixLen'],
  ),
  outputLenDist: conflicting(text('--output-len-dist <distribution>', 'the same for reply lengths'), [
    'outputLen',
    'randomOutputLen',
    'prefixRepetitionOutputLen',
  ]),
  corpus: text(
    '--corpus <file>',
    'cut random prompts from a text file, or from built-in text (prose, code or mixed), instead of drawing tokens',
  ),
  randomInputLen: number('--random-input-len <n>', 'maximum prompt length in tokens (default: 1024)', tokens),
  randomOutputLen: number('--random-output-len <n>', 'maximum reply length in tokens (default: 128)', tokens),
  randomRangeRatio: number(
    '--random-range-ratio <ratio>',
    'each length is uniform in [ratio × len, len] (default: 1, exact lengths, which vLLM writes as 0; here 0 draws 1 to len)',
    fraction,
  ),
  randomBatchSize: number(
    '--random-batch-size <n>',
    'embeddings: inputs per request; rerank: documents per query (default: 1)',
    positiveIntegerUpTo(100_000),
  ),
  randomQueryLen: number(
    '--random-query-len <n>',
    'rerank: tokens of the query; the rest of the input length is the document (default: half)',
    tokens,
  ),
  randomMmBaseItemsPerRequest: number(
    '--random-mm-base-items-per-request <n>',
    'images per request (default: 1)',
    wholeNumberUpTo(1000),
  ),
  randomMmNumMmItemsRangeRatio: number(
    '--random-mm-num-mm-items-range-ratio <ratio>',
    'the number of images is uniform in [(1 − ratio) × n, (1 + ratio) × n] (default: 0)',
    fraction,
  ),
  randomMmBucketConfig: text(
    '--random-mm-bucket-config <sizes>',
    "sizes of images with their shares (default: 256x256:0.5,1280x720:0.5); also in vLLM's form, (height, width, 1)",
  ),
  randomPrefixLen: number(
    '--random-prefix-len <n>',
    'tokens of a common prefix before each prompt (default: 0)',
    tokensOrNone,
  ),
  numPrefixes: number(
    '--num-prefixes <n>',
    'number of different common prefixes (default: 1)',
    positiveInteger,
  ),
  prefixShare: number(
    '--prefix-share <share>',
    'share of prompts with a common prefix, 0 to 1 (default: 1)',
    fraction,
  ),
  prefixRepetitionPrefixLen: number(
    '--prefix-repetition-prefix-len <n>',
    'tokens per prefix (default: 256)',
    tokens,
  ),
  prefixRepetitionSuffixLen: number(
    '--prefix-repetition-suffix-len <n>',
    'tokens after the prefix (default: 256)',
    tokens,
  ),
  prefixRepetitionNumPrefixes: number(
    '--prefix-repetition-num-prefixes <n>',
    'number of different prefixes (default: 10)',
    positiveInteger,
  ),
  prefixRepetitionOutputLen: number(
    '--prefix-repetition-output-len <n>',
    'tokens per reply (default: 128)',
    tokens,
  ),
  conversationTurns: inFile(
    numberOrTextForm,
    value(
      '--conversation-turns <n|low-high>',
      'turns per generated conversation (default: 2-6, agentic 5-20)',
      numberOrRange,
    ),
  ),
  turnInputLen: number(
    '--turn-input-len <n>',
    'maximum new tokens per turn after the first (default: --random-input-len)',
    tokens,
  ),
  thinkTime: number(
    '--think-time <seconds>',
    'mean pause before each turn after the first, in seconds (default: 1, agentic 2)',
    nonNegative,
  ),
  multiTurn: flag(
    '--multi-turn',
    'for sharegpt: send every turn of a conversation as chat messages, with its history',
  ),
  replies: choiceOr(
    'recorded',
    repliesInHistory,
    '--replies <whose>',
    "whose replies the later turns of a conversation contain: those of the data set, or the server's own (chat backends)",
  ),
  disableShuffle: flag('--disable-shuffle', 'send prompts in file order, instead of a random sample'),
  oversample: flagOff(
    '--no-oversample',
    'send each prompt of a file at most once, even if there are fewer than --num-prompts',
  ),
  maxModelLen: number(
    '--max-model-len <n>',
    'skip prompts of a file whose prompt plus reply exceeds this many tokens (counted by --tokenizer, else estimated)',
    tokens,
  ),
  traceSpeedup: number(
    '--trace-speedup <factor>',
    'replay a trace this many times faster than recorded (default: 1)',
    positiveNumber,
  ),
  traceBlockSize: number(
    '--trace-block-size <n>',
    'tokens per hash id of a trace (default: derived from its lengths, 512 for Mooncake)',
    tokens,
  ),
  sharegptOutputLen: unlisted(number('--sharegpt-output-len <n>', 'alias of --output-len', tokens)),
  sharegptContextLen: unlisted(number('--sharegpt-context-len <n>', 'alias of --max-model-len', tokens)),
  customOutputLen: unlisted(number('--custom-output-len <n>', 'alias of --output-len', tokens)),
};

const sent = {
  useChatTemplate: conflicting(
    flag('--use-chat-template', 'send chat messages; the server applies its chat template'),
    ['skipChatTemplate', 'customSkipChatTemplate'],
  ),
  skipChatTemplate: flag('--skip-chat-template', 'send raw prompts (the default)'),
  customSkipChatTemplate: unlisted(flag('--custom-skip-chat-template', 'the same')),
  tokenIds: value(
    '--token-ids <low-high>',
    'token ids to draw random prompts from (default: 1000-29999)',
    idRange,
  ),
  promptFormat: choice(
    ['text'],
    '--prompt-format <format>',
    'text = send text, for servers that do not accept token ids',
  ),
  ignoreEos: flag('--ignore-eos', 'ignore end-of-sequence: every reply has the requested length'),
  temperature: number('--temperature <t>', 'sampling temperature (default: 0)', nonNegative),
  topP: number('--top-p <p>', 'sample from the likeliest tokens with this total probability', fraction),
  topK: number('--top-k <k>', 'sample only from this many of the likeliest tokens', wholeNumber),
  minP: number(
    '--min-p <p>',
    'exclude tokens that are less likely than this share of the most likely one',
    fraction,
  ),
  frequencyPenalty: number('--frequency-penalty <p>', 'penalty per earlier occurrence of a token', anyNumber),
  presencePenalty: number('--presence-penalty <p>', 'penalty for a token that occurred before', anyNumber),
  repetitionPenalty: number(
    '--repetition-penalty <p>',
    'factor against tokens that occurred before (1 = none)',
    positiveNumber,
  ),
  n: number('--n <n>', 'replies per prompt', positiveInteger),
  bestOf: number(
    '--best-of <n>',
    'candidates per prompt, of which the server returns the best',
    positiveInteger,
  ),
  logprobs: number(
    '--logprobs <n>',
    "request log probabilities: each token's and this many alternatives",
    wholeNumber,
  ),
  perChunkUsage: flag(
    '--per-chunk-usage',
    'request a token count with every chunk (vLLM), so that gaps between tokens of one chunk are exact',
  ),
  extraBody: inFile(
    jsonMapForm,
    value(
      '--extra-body <json>',
      'extra fields for every request body, as a JSON object; null is sent as null',
      jsonObject,
    ),
  ),
  omitField: inFile(
    textsForm,
    value(
      '--omit-field <names...>',
      'body fields to omit, such as stream_options or stream_options.include_usage',
      listOfNames,
    ),
  ),
  maxTokensField: text(
    '--max-tokens-field <name>',
    "body field for the output length, such as max_completion_tokens (default: the backend's)",
  ),
};

const timing = {
  maxConcurrency: inFile(
    numbersForm,
    value(
      '--max-concurrency <n>',
      'maximum requests in flight; a list such as 1,2,4,8 is measured one after the other (default: unlimited)',
      concurrencies,
    ),
  ),
  ...arrivalTable(),
  numWarmups: numberOr(
    loadTestDefaults.warmupRequests,
    '--num-warmups <n>',
    'warm-up requests, not measured',
    wholeNumberUpTo(1_000_000),
  ),
  shard: value('--shard <i/n>', 'send part i of n; combine the results with `bench merge`', shard),
  stallTimeout: numberOr(
    loadTestDefaults.stallTimeoutS,
    '--stall-timeout <seconds>',
    'fail a request that receives no data for this many seconds',
    positiveNumber,
  ),
  connectTimeout: numberOr(
    loadTestDefaults.connectTimeoutS,
    '--connect-timeout <seconds>',
    'connect timeout in seconds',
    waitS,
  ),
  requestTimeout: numberOr(
    loadTestDefaults.requestTimeoutS,
    '--request-timeout <seconds>',
    'total timeout per request, in seconds',
    positiveNumber,
  ),
  resetCache: flag(
    '--reset-cache',
    "empty the server's prefix cache before each test (SGLang; vLLM with VLLM_SERVER_DEV_MODE=1)",
  ),
  readyCheckTimeoutSec: numberOr(
    0,
    '--ready-check-timeout-sec <seconds>',
    'how long to wait for the server to become ready, in seconds',
    nonNegative,
  ),
  serverPid: number(
    '--server-pid <n>',
    'PID of the server on this machine; the test fails if that process ends',
    wholeNumberUpTo(4_194_304),
  ),
  threads: number(
    '--threads <n>',
    'threads that share the streams (default: one per 2,048 streams, up to the number of cores)',
    threads,
  ),
  answers: conflicting(
    number(
      '--answers <share>',
      'share of requests that are questions with known answers, such as 0.1; the result is suspect if they are answered worse under load than alone',
      shareAboveNone,
    ),
    ['shard', 'search'],
  ),
  forcedAcceptanceLength: number(
    '--forced-acceptance-length <tokens>',
    'the server was started with this acceptance length forced, whatever its draft model predicts; results are marked with it',
    positiveNumber,
  ),
  profile: flag(
    '--profile',
    "start the server's profiler during the test (vLLM, SGLang); it slows the server",
  ),
  profileSeconds: number(
    '--profile-seconds <seconds>',
    'profile only the first seconds of the test, which keeps traces small; the test continues',
    oneDayS,
  ),
  profileDir: text(
    '--profile-dir <folder>',
    'folder where a server on this machine writes its profile; traces are copied next to the saved result, which lists them (default: VLLM_TORCH_PROFILER_DIR or SGLANG_TORCH_PROFILER_DIR)',
  ),
};

/** With shards, each would have its own window, and would stop for its own reasons. */
const ofOneShard = ['shard'];

const ending = {
  duration: number(
    '--duration <seconds>',
    'send for this many seconds instead of a number of requests; requests in flight at the end still complete',
    positiveNumber,
  ),
  warmUp: conflicting(
    number(
      '--warm-up <seconds>',
      'with --duration: leave requests of the first seconds out of the figures',
      nonNegative,
    ),
    ofOneShard,
  ),
  coolDown: conflicting(
    number(
      '--cool-down <seconds>',
      'with --duration: leave requests of the last seconds out of the figures',
      nonNegative,
    ),
    ofOneShard,
  ),
  concurrencyRamp: number(
    '--concurrency-ramp <seconds>',
    'start the streams of a closed loop one after another over this time',
    positiveNumber,
  ),
  untilPrecision: conflicting(
    value(
      '--until-precision <[metric:]percent>',
      'stop when the 95 % confidence interval of the mean of a metric is this narrow: 2%, or ttft:5%; metrics are ttft, tpot and e2el (default: e2el)',
      precision,
    ),
    ofOneShard,
  ),
  stopWhenSaturated: conflicting(
    flag(
      '--stop-when-saturated',
      'at a request rate: stop when the server falls behind by 10 % of the requests or more',
    ),
    ofOneShard,
  ),
  maxErrors: conflicting(
    inFile(
      numberOrTextForm,
      value(
        '--max-errors <n|percent>',
        'stop when more than this number or percentage of requests have failed',
        errorBound,
      ),
    ),
    ofOneShard,
  ),
};

/** A search has its own loads, and its own number of requests. */
const notInSearch = [
  'saveRequests',
  'numPrompts',
  'shard',
  'publish',
  'rateStages',
  'rampUpStrategy',
  'profile',
  'profileSeconds',
  'duration',
  'concurrencyRamp',
  'untilPrecision',
  'stopWhenSaturated',
  'maxErrors',
];

const search = {
  search: conflicting(
    choiceOrPreset(
      'concurrency',
      loadKinds,
      '--search [load]',
      'find the largest load within the SLOs: concurrency (the default) or rate, in requests per second',
    ),
    notInSearch,
  ),
  slo: inFile(
    textsForm,
    value(
      '--slo <metric:percentile<limit...>',
      "SLOs, in quotes: 'ttft:p99<500' (or ttft:p99:500) is met if 99 % of the requests have a TTFT of at most 500 ms; ttft, tpot, e2el; ms or s",
      slo,
    ),
  ),
  searchRange: value(
    '--search-range <low-high>',
    'loads to try (default: concurrency 1-1024, rate 1-1000)',
    loadRange,
  ),
  searchResolution: number(
    '--search-resolution <share>',
    'stop when the highest load that meets the SLOs and the lowest that misses them are this close (default: 0.05, that is 5 %)',
    innerShare,
  ),
  searchConfidence: number(
    '--search-confidence <share>',
    'confidence that the true limit is within the reported interval (default: 0.95)',
    innerShare,
  ),
  searchMaxRequests: number(
    '--search-max-requests <n>',
    'stop the search after this many requests and report what is known (default: 200000)',
    requests,
  ),
};

const reported = {
  percentileMetrics: inFile(
    commaListForm,
    valueOr<readonly string[]>(
      usualLatencies,
      '--percentile-metrics <metrics>',
      'latency metrics to print',
      metrics,
      usualLatencies.join(),
    ),
  ),
  metricPercentiles: inFile(
    numbersForm,
    valueOr<readonly number[]>(
      [90, 99, 99.9],
      '--metric-percentiles <percents>',
      'percentiles to print',
      percents,
      '90,99,99.9',
    ),
  ),
  cacheBlockSize: number(
    '--cache-block-size <n>',
    "tokens per block for the prompts' ideal prefix cache hits (default: 16)",
    tokens,
  ),
  cacheSize: number(
    '--cache-size <n>',
    'also report the ideal hits of a prefix cache of this many tokens',
    tokens,
  ),
  goodput: inFile(
    mapForm(':'),
    value(
      '--goodput <metric:ms...>',
      'SLOs in ms for ttft, tpot, e2el, e.g. ttft:200 tpot:50; a one-token reply has no TPOT and meets any TPOT limit',
      goodput,
    ),
  ),
  saveResult: flag('--save-result', 'write the result as JSON'),
  saveDetailed: flag('--save-detailed', 'also write per-request lists: lengths, times, gaps, errors, texts'),
  saveRequests: text(
    '--save-requests <file>',
    'write one record per request, with its times, lengths, cached tokens, address and error, to a .jsonl or .parquet file',
  ),
  saveText: flag('--save-text', 'with --save-requests: also the text of each reply'),
  appendResult: flag('--append-result', 'append the result to the file as one line'),
  resultDir: textOr('.', '--result-dir <folder>', 'folder of the result'),
  resultFilename: text('--result-filename <name>', 'file name (default: backend, rate, model and date)'),
  label: text('--label <name>', 'stored in the result'),
  conformance: text(
    '--conformance <file>',
    'output of bench conformance --out for this server, stored in the result',
  ),
  metadata: inFile(
    mapForm('='),
    value('--metadata <key=value...>', 'extra fields to store in the result', metadata),
  ),
  json: flag('--json', 'print events as JSON lines: progress, then the result'),
};

/** What turns results into points of the store, and so of the dashboard. */
const published = {
  publish: flag(
    '--publish',
    'add the results to the store, as points of the dashboard; needs the options below',
  ),
  ...factTable(),
  ...storeTable(),
};

/** Values of the options of `bench serve`, under vLLM's names. */
export type ServeOptions = OptionTableValues<typeof server> &
  OptionTableValues<typeof dataset> &
  OptionTableValues<typeof sent> &
  OptionTableValues<typeof timing> &
  OptionTableValues<typeof ending> &
  OptionValues<ArrivalOptions> &
  OptionTableValues<typeof search> &
  OptionTableValues<typeof reported> &
  StoreOptionValues & { readonly publish?: true; readonly config?: string };

/** Options of one load test, with at most one concurrency. */
export type LoadOptions = Omit<ServeOptions, 'maxConcurrency'> & { readonly maxConcurrency?: number };

/** Every effective option of `bench serve`, under the titles of its help. */
export const serveTables = {
  'Server:': server,
  'Requests:': { ...dataset, ...sent },
  'Timing:': timing,
  'Duration:': ending,
  'Largest load within SLOs:': search,
  'Results:': reported,
  'Publishing:': published,
};

/** Adds the options of the tables to a command, and `--config` for a file that contains them. */
export function addServeOptions(command: Command): Command {
  command.optionsGroup('Configuration file:').addOption(configOption());
  return addForeignOptions(addTables(command, serveTables)).addHelpText(
    'after',
    `\nData sets (--dataset-name):\n${kindList()}`,
  );
}

function configOption(): Option {
  return new Option(
    '--config <file>',
    'a YAML file of these options without their dashes, such as max-concurrency: 8; command-line options take precedence',
  );
}

/** The options of the load generator's arrival patterns, as options of this command. */
function arrivalTable(): Readonly<Record<string, TableOption<unknown>>> {
  return Object.fromEntries(
    Object.entries(arrivalOptions).map(([name, option]) => [name, arrivalOption(option)]),
  );
}

/** Facts about a server that only its owner knows. */
function factTable(): Readonly<Record<string, TableOption<unknown>>> {
  return optionTable(
    serverFacts.map((fact) => {
      const option = factOption(fact);
      return { option, form: fact.line.type === 'count' ? numberForm : formOf(option) };
    }),
  );
}

function storeTable(): Readonly<Record<string, TableOption<unknown>>> {
  return optionTable(storeOptions().map((option) => ({ option, form: formOf(option) })));
}

function optionTable(
  options: readonly Pick<TableOption<unknown>, 'option' | 'form'>[],
): Readonly<Record<string, TableOption<unknown>>> {
  return Object.fromEntries(
    options.map(({ option, form }) => [
      option.attributeName(),
      { option, form, initial: option.defaultValue, excludes: [] },
    ]),
  );
}

function arrivalOption({
  flags,
  help,
  shown,
  initial,
  ...rest
}: ArrivalOption<unknown>): TableOption<unknown> {
  const { choices, excludes = [], expected, read } = rest;
  const option = new Option(flags, help).conflicts([...excludes]);
  if (initial !== undefined) option.default(initial, shown);
  if (choices !== undefined) option.choices(choices);
  else {
    option.argParser((given) => {
      const value = read(given, decimal);
      if (value === undefined) throw new InvalidArgumentError(`expected ${expected}`);
      return value;
    });
  }
  return { option, initial, form: choices === undefined ? numberOrTextForm : formOf(option), excludes };
}

function kindList(): string {
  const width = Math.max(...datasetNames.map(({ length }) => length)) + 2;
  return datasetKinds.map(({ name, help }) => `  ${name.padEnd(width)}${help}`).join('\n');
}
