import { type Command, InvalidArgumentError, Option } from 'commander';
import { serverFacts } from '../../identity/index.ts';
import {
  type ArrivalOption,
  type ArrivalOptions,
  arrivalOptions,
  backendNames,
  datasetKinds,
  datasetNames,
  loadTestDefaults,
  type OptionValues,
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
  textsForm,
} from '../option-form.ts';
import {
  addTables,
  choice,
  choiceOr,
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
  goodput,
  header,
  host,
  idRange,
  jsonObject,
  listOfNames,
  metadata,
  metrics,
  metricsAddress,
  numberOrRange,
  percents,
  seedNumber,
  serverAddress,
  shard,
} from './serve-parsers.ts';

/** Longer prompts than any model of today takes; more of them than can be kept. */
const tokens = positiveIntegerUpTo(100_000_000);
const tokensOrNone = wholeNumberUpTo(100_000_000);
const requests = positiveIntegerUpTo(100_000_000);
const threads = positiveIntegerUpTo(1024);

const server = {
  backend: choiceOr(loadTestDefaults.backend, backendNames, '--backend <name>', 'how the server is asked'),
  endpointType: unlisted(
    conflicting(choice(backendNames, '--endpoint-type <name>', 'the same'), ['backend']),
  ),
  baseUrl: value(
    '--base-url <url>',
    "the server's address, or unix:///path/to/socket (default: from --host and --port)",
    serverAddress,
  ),
  endpoint: text('--endpoint <path>', "the path to post to, perhaps with a query (default: the backend's)"),
  host: valueOr('127.0.0.1', '--host <host>', "the server's host, without --base-url", host),
  port: numberOr(8000, '--port <port>', "the server's port, without --base-url", portNumber),
  insecure: flag('--insecure', 'take any certificate of an https server, unchecked; the result says so'),
  model: text(
    '--model <name>',
    "the model's name, as the server knows it (default: the first that it names under /v1/models)",
  ),
  servedModelName: text('--served-model-name <name>', 'the name to send, where the result is to say another'),
  loraModules: inFile(
    textsForm,
    value(
      '--lora-modules <names...>',
      'adapters of the model: each request names one of them as its model',
      listOfNames,
    ),
  ),
  loraAssignment: choiceOr(
    'random',
    ['random', 'round-robin'],
    '--lora-assignment <how>',
    'which of them: drawn by the seed, or in turn',
  ),
  tokenizer: text(
    '--tokenizer <name>',
    'recorded in the result (default: the model); a tokenizer.json, or a folder with one, makes prompts texts of exact length by it',
  ),
  header: inFile(
    mapForm('='),
    value(
      '--header <name=value...>',
      'more request headers, in place of ours of the same name; $OPENAI_API_KEY is sent as a bearer token',
      header,
    ),
  ),
  metricsUrl: value(
    '--metrics-url <urls...>',
    "where the server's own metrics are, as of each engine behind a router (default: /metrics of the server)",
    metricsAddress,
  ),
  serverMetrics: flagOff(
    '--no-server-metrics',
    "read neither the server's own metrics nor, if it runs here, the power of this machine's GPUs",
  ),
  requestIdPrefix: text(
    '--request-id-prefix <text>',
    'send each request with an x-request-id: this and its number',
  ),
};

/**
 * What is sent, under vLLM's names if it has them. None has a default here: the kinds of data sets have theirs, and name
 * the options that they do not read.
 */
const dataset = {
  datasetName: choiceOr(
    'random',
    datasetNames,
    '--dataset-name <name>',
    'the kind of data set; see the list below',
  ),
  datasetPath: text('--dataset-path <file>', 'the file of a data set that is read'),
  numPrompts: number(
    '--num-prompts <n>',
    'requests in all (default: 1000, or 10 × concurrency of several; of a file at most what it has, of a trace all)',
    requests,
  ),
  seed: number(
    '--seed <n>',
    'same seed, same bytes: what is drawn, and which prompts of a file in which order (default: 0)',
    seedNumber,
  ),
  outputLen: number('--output-len <n>', "tokens of every reply, instead of the data set's", tokens),
  inputLen: number('--input-len <n>', 'the same as --random-input-len, of any drawn data set', tokens),
  randomInputLen: number('--random-input-len <n>', 'tokens of a prompt at most (default: 1024)', tokens),
  randomOutputLen: number('--random-output-len <n>', 'tokens of a reply at most (default: 128)', tokens),
  randomRangeRatio: number(
    '--random-range-ratio <ratio>',
    'each length is uniform in [ratio × len, len] (default: 1, exact lengths; 0, the default of vLLM, draws 1 to len)',
    fraction,
  ),
  randomPrefixLen: number(
    '--random-prefix-len <n>',
    'tokens of a prefix that comes before the rest (default: 0)',
    tokensOrNone,
  ),
  numPrefixes: number('--num-prefixes <n>', 'different common prefixes (default: 1)', positiveInteger),
  prefixShare: number(
    '--prefix-share <share>',
    'the share of prompts that have a common prefix (default: 1)',
    fraction,
  ),
  prefixRepetitionPrefixLen: number(
    '--prefix-repetition-prefix-len <n>',
    'tokens of each prefix (default: 256)',
    tokens,
  ),
  prefixRepetitionSuffixLen: number(
    '--prefix-repetition-suffix-len <n>',
    'tokens after it (default: 256)',
    tokens,
  ),
  prefixRepetitionNumPrefixes: number(
    '--prefix-repetition-num-prefixes <n>',
    'different prefixes (default: 10)',
    positiveInteger,
  ),
  prefixRepetitionOutputLen: number(
    '--prefix-repetition-output-len <n>',
    'tokens of a reply (default: 128)',
    tokens,
  ),
  conversationTurns: inFile(
    numberOrTextForm,
    value(
      '--conversation-turns <n|low-high>',
      'turns of each drawn conversation (default: 2-6, agentic 5-20)',
      numberOrRange,
    ),
  ),
  turnInputLen: number(
    '--turn-input-len <n>',
    'new tokens of each turn after the first at most (default: --random-input-len)',
    tokens,
  ),
  thinkTime: number(
    '--think-time <seconds>',
    'mean pause before each turn after the first (default: 1, agentic 2)',
    nonNegative,
  ),
  multiTurn: flag(
    '--multi-turn',
    'of sharegpt: send every question of a conversation as chat messages, with all that was said before',
  ),
  disableShuffle: flag(
    '--disable-shuffle',
    'send the prompts of a file in its order, instead of a sample by --seed',
  ),
  oversample: flagOff(
    '--no-oversample',
    'send each prompt of a file once at most, even if that is fewer than --num-prompts',
  ),
  maxModelLen: number(
    '--max-model-len <n>',
    'leave out prompts of a file that with their replies have more tokens (by --tokenizer, else estimated)',
    tokens,
  ),
  traceSpeedup: number(
    '--trace-speedup <factor>',
    "how much faster than recorded a trace's requests come (default: 1)",
    positiveNumber,
  ),
  traceBlockSize: number(
    '--trace-block-size <n>',
    "tokens that a hash id of a trace stands for (default: what its lengths say, 512 in Mooncake's)",
    tokens,
  ),
  sharegptOutputLen: unlisted(number('--sharegpt-output-len <n>', 'the same as --output-len', tokens)),
  sharegptContextLen: unlisted(number('--sharegpt-context-len <n>', 'the same as --max-model-len', tokens)),
  customOutputLen: unlisted(number('--custom-output-len <n>', 'the same as --output-len', tokens)),
};

const sent = {
  useChatTemplate: conflicting(
    flag('--use-chat-template', 'send chat messages, to which the server applies its template'),
    ['skipChatTemplate', 'customSkipChatTemplate'],
  ),
  skipChatTemplate: flag(
    '--skip-chat-template',
    'send prompts as they are, as is done without --use-chat-template',
  ),
  customSkipChatTemplate: unlisted(flag('--custom-skip-chat-template', 'the same')),
  tokenIds: value('--token-ids <low-high>', 'ids to draw random prompts from (default: 1000-29999)', idRange),
  promptFormat: choice(
    ['text'],
    '--prompt-format <format>',
    'text: send no token ids, as to servers that take none',
  ),
  ignoreEos: flag('--ignore-eos', 'replies go on to the length asked'),
  temperature: number('--temperature <t>', 'how tokens are drawn (default: 0)', nonNegative),
  topP: number('--top-p <p>', '', fraction),
  topK: number('--top-k <k>', '', wholeNumber),
  minP: number('--min-p <p>', '', fraction),
  frequencyPenalty: number('--frequency-penalty <p>', '', anyNumber),
  presencePenalty: number('--presence-penalty <p>', '', anyNumber),
  repetitionPenalty: number('--repetition-penalty <p>', '', positiveNumber),
  n: number('--n <n>', 'replies to each prompt', positiveInteger),
  bestOf: number(
    '--best-of <n>',
    'replies made for each prompt, of which the best are sent',
    positiveInteger,
  ),
  logprobs: number(
    '--logprobs <n>',
    'ask for the log probabilities of each token and of so many others',
    wholeNumber,
  ),
  perChunkUsage: flag(
    '--per-chunk-usage',
    'ask for a token count with every chunk (vLLM), which tells the gaps of tokens that come together exactly',
  ),
  extraBody: inFile(
    jsonMapForm,
    value(
      '--extra-body <json>',
      "more fields of every request's body, as a JSON object; null is sent as null",
      jsonObject,
    ),
  ),
  omitField: inFile(
    textsForm,
    value(
      '--omit-field <names...>',
      'fields of the body to leave out, such as stream_options or stream_options.include_usage',
      listOfNames,
    ),
  ),
  maxTokensField: text(
    '--max-tokens-field <name>',
    "the field for a reply's length, such as max_completion_tokens (default: the backend's)",
  ),
};

const timing = {
  maxConcurrency: inFile(
    numbersForm,
    value(
      '--max-concurrency <n>',
      'requests in flight at most; of several, as in 1,2,4,8, each is measured, one after the other (default: no bound)',
      concurrencies,
    ),
  ),
  ...arrivalTable(),
  numWarmups: numberOr(
    loadTestDefaults.warmupRequests,
    '--num-warmups <n>',
    'requests before the clock starts',
    wholeNumberUpTo(1_000_000),
  ),
  shard: value('--shard <i/n>', 'send the i-th of n equal parts; merge the results afterwards', shard),
  stallTimeout: numberOr(
    loadTestDefaults.stallTimeoutS,
    '--stall-timeout <seconds>',
    'a stream without a byte for so long has failed',
    positiveNumber,
  ),
  connectTimeout: numberOr(
    loadTestDefaults.connectTimeoutS,
    '--connect-timeout <seconds>',
    'a connection may take so long to open',
    waitS,
  ),
  requestTimeout: numberOr(
    loadTestDefaults.requestTimeoutS,
    '--request-timeout <seconds>',
    'a request that is not over after so long has failed',
    positiveNumber,
  ),
  readyCheckTimeoutSec: numberOr(
    0,
    '--ready-check-timeout-sec <seconds>',
    'wait so long for the server to be ready',
    nonNegative,
  ),
  threads: number(
    '--threads <n>',
    'threads that share the streams (default: one for every 2,048, as far as there are cores)',
    threads,
  ),
  profile: flag('--profile', 'have the server profile itself meanwhile (vLLM, SGLang), which slows it'),
};

const reported = {
  percentileMetrics: inFile(
    commaListForm,
    valueOr<readonly string[]>(
      usualLatencies,
      '--percentile-metrics <metrics>',
      'latencies to print',
      metrics,
      usualLatencies.join(),
    ),
  ),
  metricPercentiles: inFile(
    numbersForm,
    valueOr<readonly number[]>(
      [90, 99, 99.9],
      '--metric-percentiles <percents>',
      'percentiles of each',
      percents,
      '90,99,99.9',
    ),
  ),
  goodput: inFile(
    mapForm(':'),
    value(
      '--goodput <metric:ms...>',
      'objectives for ttft, tpot, e2el, e.g. ttft:200 tpot:50; a reply of one token has no TPOT and cannot miss one',
      goodput,
    ),
  ),
  saveResult: flag('--save-result', 'write the result as JSON'),
  saveDetailed: flag(
    '--save-detailed',
    'write it with lists of every request: lengths, times, gaps, errors, texts',
  ),
  appendResult: flag('--append-result', 'write it as one more line of the file'),
  resultDir: textOr('.', '--result-dir <folder>', 'where to'),
  resultFilename: text(
    '--result-filename <name>',
    'under which name (default: made of backend, rate, model and date)',
  ),
  label: text('--label <name>', 'kept in the result'),
  conformance: text(
    '--conformance <file>',
    'what bench conformance --out wrote of this server, kept in the result',
  ),
  metadata: inFile(
    mapForm('='),
    value('--metadata <key=value...>', 'more fields to keep in the result', metadata),
  ),
  json: flag('--json', 'print events as JSON lines: progress, then the result'),
};

/** What makes results points of the store, and so of the page. */
const published = {
  publish: flag('--publish', 'put the results into the store, as points of the page; needs what follows'),
  ...factTable(),
  ...storeTable(),
};

/** The values of the options of `bench serve`, under the names that vLLM's has. */
export type ServeOptions = OptionTableValues<typeof server> &
  OptionTableValues<typeof dataset> &
  OptionTableValues<typeof sent> &
  OptionTableValues<typeof timing> &
  OptionValues<ArrivalOptions> &
  OptionTableValues<typeof reported> &
  StoreOptionValues & { readonly publish?: true; readonly config?: string };

/** Options of one load test: one concurrency at most. */
export type LoadOptions = Omit<ServeOptions, 'maxConcurrency'> & { readonly maxConcurrency?: number };

/** Every option of `bench serve` that does something, under the titles of its help. */
export const serveTables = {
  'Server:': server,
  'What is sent:': { ...dataset, ...sent },
  'When it is sent:': timing,
  'What is reported:': reported,
  'Publishing:': published,
};

/** Gives a command the options of the tables, and `--config` for a file that says them. */
export function addServeOptions(command: Command): Command {
  command.optionsGroup('Configuration file:').addOption(configOption());
  return addForeignOptions(addTables(command, serveTables)).addHelpText(
    'after',
    `\nKinds of data sets (--dataset-name):\n${kindList()}`,
  );
}

function configOption(): Option {
  return new Option(
    '--config <file>',
    'a YAML file of these options without their dashes, such as max-concurrency: 8; options given here win',
  );
}

/** The options of the load generator's patterns of arrivals, as options of this command. */
function arrivalTable(): Readonly<Record<string, TableOption<unknown>>> {
  return Object.fromEntries(
    Object.entries(arrivalOptions).map(([name, option]) => [name, arrivalOption(option)]),
  );
}

/** What only its owner knows of a server. */
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
