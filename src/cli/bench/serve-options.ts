import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type BackendName,
  backendNames,
  type DatasetOptions,
  datasetKinds,
  datasetNames,
  type Slos,
  type Stage,
} from '../../load/index.ts';
import { httpAddress, portNumber, positiveInteger, positiveNumber } from '../options.ts';

/** The options of `bench serve`, under the names that vLLM's has. */
export interface ServeOptions extends DatasetOptions {
  readonly backend: BackendName;
  readonly baseUrl?: string;
  readonly endpoint?: string;
  readonly host: string;
  readonly port: number;
  readonly model: string;
  readonly insecure?: true;
  readonly servedModelName?: string;
  readonly tokenizer?: string;
  readonly header?: Readonly<Record<string, string>>;
  readonly datasetName: string;
  readonly useChatTemplate?: true;
  readonly skipChatTemplate?: true;
  readonly customSkipChatTemplate?: true;
  readonly promptFormat?: 'text';
  readonly perChunkUsage?: true;
  readonly extraBody?: Readonly<Record<string, unknown>>;
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  readonly repetitionPenalty?: number;
  readonly tokenIds?: Range;
  readonly maxConcurrency?: number;
  readonly requestRate: number;
  readonly burstiness: number;
  readonly rampUpStrategy?: 'linear' | 'exponential';
  readonly rampUpStartRps?: number;
  readonly rampUpEndRps?: number;
  readonly rampUpDuration?: number;
  readonly rateStages?: readonly Stage[];
  readonly ignoreEos?: true;
  readonly numWarmups: number;
  readonly stallTimeout: number;
  readonly connectTimeout: number;
  readonly requestTimeout: number;
  readonly readyCheckTimeoutSec: number;
  readonly threads?: number;
  readonly percentileMetrics: readonly string[];
  readonly metricPercentiles: readonly number[];
  readonly goodput?: Slos;
  readonly saveResult?: true;
  readonly saveDetailed?: true;
  readonly resultDir: string;
  readonly resultFilename?: string;
  readonly label?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly json?: boolean;
}

/** Both included. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export function addServeOptions(command: Command): Command {
  command
    .optionsGroup('Server:')
    .addOption(
      new Option('--backend <name>', 'how the server is asked').choices(backendNames).default('openai'),
    )
    .addOption(
      new Option('--base-url <url>', "the server's address (default: from --host and --port)").argParser(
        httpAddress,
      ),
    )
    .option('--endpoint <path>', "the path to post to (default: the backend's)")
    .option('--host <host>', "the server's host, without --base-url", '127.0.0.1')
    .addOption(
      new Option('--port <port>', "the server's port, without --base-url")
        .argParser(portNumber)
        .default(8000),
    )
    .option('--insecure', 'take any certificate of an https server, unchecked; the result says so')
    .requiredOption('--model <name>', "the model's name, as the server knows it")
    .option('--served-model-name <name>', 'the name to send, where the result is to say another')
    .option(
      '--tokenizer <name>',
      'recorded in the result (default: the model); a tokenizer.json, or a folder with one, makes prompts texts of exact length by it',
    )
    .addOption(
      new Option(
        '--header <name=value...>',
        'more request headers; $OPENAI_API_KEY is sent as a bearer token',
      ).argParser(header),
    );
  return (
    addDatasetOptions(command.optionsGroup('What is sent:'))
      .addOption(
        new Option(
          '--use-chat-template',
          'send chat messages, to which the server applies its template',
        ).conflicts(['skipChatTemplate', 'customSkipChatTemplate']),
      )
      .option('--skip-chat-template', 'send prompts as they are, as is done without --use-chat-template')
      .addOption(new Option('--custom-skip-chat-template').hideHelp())
      .addOption(
        new Option(
          '--token-ids <low-high>',
          'ids to draw random prompts from (default: 1000-29999)',
        ).argParser(idRange),
      )
      .addOption(
        new Option(
          '--prompt-format <format>',
          'text: send no token ids, as to servers that take none',
        ).choices(['text']),
      )
      .option('--ignore-eos', 'replies go on to the length asked')
      .addOption(new Option('--temperature <t>', 'how tokens are drawn (default: 0)').argParser(nonNegative))
      .addOption(new Option('--top-p <p>').argParser(fraction))
      .addOption(new Option('--top-k <k>').argParser(wholeNumber))
      .addOption(new Option('--min-p <p>').argParser(fraction))
      .addOption(new Option('--frequency-penalty <p>').argParser(finite))
      .addOption(new Option('--presence-penalty <p>').argParser(finite))
      .addOption(new Option('--repetition-penalty <p>').argParser(positiveNumber))
      .option(
        '--per-chunk-usage',
        'ask for a token count with every chunk (vLLM), which tells the gaps of tokens that come together exactly',
      )
      .addOption(
        new Option('--extra-body <json>', "more fields of every request's body, as a JSON object").argParser(
          jsonObject,
        ),
      )
      .optionsGroup('When it is sent:')
      .addOption(
        new Option('--max-concurrency <n>', 'requests in flight at most (default: no bound)').argParser(
          positiveInteger,
        ),
      )
      .addOption(
        new Option('--request-rate <rate>', 'requests per second, or inf')
          .argParser(rate)
          .default(Number.POSITIVE_INFINITY, 'inf'),
      )
      .addOption(
        new Option('--burstiness <shape>', 'of gaps: 1 is Poisson, less is burstier, inf evenly spaced')
          .argParser(rate)
          .default(1),
      )
      .addOption(
        new Option('--ramp-up-strategy <name>', 'how the rate goes from start to end')
          .choices(['linear', 'exponential'])
          .conflicts('requestRate'),
      )
      .addOption(
        new Option('--ramp-up-start-rps <rate>', 'rate at the start of the ramp').argParser(positiveNumber),
      )
      .addOption(new Option('--ramp-up-end-rps <rate>', 'rate at its end').argParser(positiveNumber))
      .addOption(
        new Option('--ramp-up-duration <seconds>', 'how long it takes (default: all prompts)').argParser(
          positiveNumber,
        ),
      )
      .addOption(
        new Option(
          '--rate-stages <rate:seconds,…>',
          'rates one after another, each flat or from-to, e.g. 5:30,5-50:60,50:120',
        )
          .argParser(rateStages)
          .conflicts(['requestRate', 'rampUpStrategy']),
      )
      .addOption(
        new Option('--num-warmups <n>', 'requests before the clock starts').argParser(wholeNumber).default(0),
      )
      .addOption(
        new Option('--shard <i/n>', 'send the i-th of n equal parts; merge the results afterwards').argParser(
          shard,
        ),
      )
      .addOption(
        new Option('--stall-timeout <seconds>', 'a stream without a byte for so long has failed')
          .argParser(positiveNumber)
          .default(600),
      )
      .addOption(
        new Option('--connect-timeout <seconds>', 'a connection may take so long to open')
          .argParser(positiveNumber)
          .default(30),
      )
      .addOption(
        new Option('--request-timeout <seconds>', 'a request that is not over after so long has failed')
          .argParser(positiveNumber)
          .default(21_600),
      )
      .addOption(
        new Option('--ready-check-timeout-sec <seconds>', 'wait so long for the server to be ready')
          .argParser(nonNegative)
          .default(0),
      )
      .addOption(
        new Option(
          '--threads <n>',
          'threads that share the streams (default: one for every 2,048, as far as there are cores)',
        ).argParser(positiveInteger),
      )
      .optionsGroup('What is reported:')
      .addOption(
        new Option('--percentile-metrics <metrics>', 'latencies to print')
          .argParser(metrics)
          .default(['ttft', 'tpot', 'itl'], 'ttft,tpot,itl'),
      )
      .addOption(
        new Option('--metric-percentiles <percents>', 'percentiles of each')
          .argParser(percents)
          .default([90, 99, 99.9], '90,99,99.9'),
      )
      .addOption(
        new Option(
          '--goodput <metric:ms...>',
          'objectives for ttft, tpot, e2el, e.g. ttft:200 tpot:50; a reply of one token has no TPOT and cannot miss one',
        ).argParser(goodput),
      )
      .option('--save-result', 'write the result as JSON')
      .option('--save-detailed', 'write it with lists of every request: lengths, times, gaps, errors, texts')
      .option('--result-dir <folder>', 'where to', '.')
      .option('--result-filename <name>', 'under which name (default: made of backend, rate, model and date)')
      .option('--label <name>', 'kept in the result')
      .addOption(
        new Option('--metadata <key=value...>', 'more fields to keep in the result').argParser(metadata),
      )
      .option('--json', 'print events as JSON lines: progress, then the result')
      // Scripts written for the public client pass these; here they change nothing.
      .addOption(new Option('--trust-remote-code').hideHelp())
      .addOption(new Option('--disable-tqdm').hideHelp())
      .addOption(new Option('--tokenizer-mode <mode>').hideHelp())
  );
}

/**
 * What is sent, under vLLM's names where it has them. None has a default here: the kinds of data sets have theirs, and
 * name the options that they do not read.
 */
function addDatasetOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--dataset-name <name>', 'the kind of data set; see the list below')
        .choices(datasetNames)
        .default('random'),
    )
    .option('--dataset-path <file>', 'the file of a data set that is read')
    .addOption(
      new Option(
        '--num-prompts <n>',
        'requests in all (default: 1000; of a file at most what it has, of a trace all)',
      ).argParser(positiveInteger),
    )
    .addOption(
      new Option(
        '--seed <n>',
        'same seed, same bytes: what is drawn, and which prompts of a file in which order (default: 0)',
      ).argParser(seedNumber),
    )
    .addOption(
      new Option('--output-len <n>', "tokens of every reply, instead of the data set's").argParser(
        positiveInteger,
      ),
    )
    .addOption(
      new Option('--input-len <n>', 'the same as --random-input-len, of any drawn data set').argParser(
        positiveInteger,
      ),
    )
    .addOption(
      new Option('--random-input-len <n>', 'tokens of a prompt at most (default: 1024)').argParser(
        positiveInteger,
      ),
    )
    .addOption(
      new Option('--random-output-len <n>', 'tokens of a reply at most (default: 128)').argParser(
        positiveInteger,
      ),
    )
    .addOption(
      new Option(
        '--random-range-ratio <ratio>',
        'each length is uniform in [ratio × len, len] (default: 1)',
      ).argParser(fraction),
    )
    .addOption(
      new Option(
        '--random-prefix-len <n>',
        'tokens of a prefix that comes before the rest (default: 0)',
      ).argParser(wholeNumber),
    )
    .addOption(
      new Option('--num-prefixes <n>', 'different common prefixes (default: 1)').argParser(positiveInteger),
    )
    .addOption(
      new Option(
        '--prefix-share <share>',
        'the share of prompts that have a common prefix (default: 1)',
      ).argParser(fraction),
    )
    .addOption(
      new Option('--prefix-repetition-prefix-len <n>', 'tokens of each prefix (default: 256)').argParser(
        positiveInteger,
      ),
    )
    .addOption(
      new Option('--prefix-repetition-suffix-len <n>', 'tokens after it (default: 256)').argParser(
        positiveInteger,
      ),
    )
    .addOption(
      new Option('--prefix-repetition-num-prefixes <n>', 'different prefixes (default: 10)').argParser(
        positiveInteger,
      ),
    )
    .addOption(
      new Option('--prefix-repetition-output-len <n>', 'tokens of a reply (default: 128)').argParser(
        positiveInteger,
      ),
    )
    .addOption(
      new Option(
        '--conversation-turns <n|low-high>',
        'turns of each drawn conversation (default: 2-6, agentic 5-20)',
      ).argParser(numberOrRange),
    )
    .addOption(
      new Option(
        '--turn-input-len <n>',
        'new tokens of each turn after the first at most (default: --random-input-len)',
      ).argParser(positiveInteger),
    )
    .addOption(
      new Option(
        '--think-time <seconds>',
        'mean pause before each turn after the first (default: 1, agentic 2)',
      ).argParser(nonNegative),
    )
    .option(
      '--multi-turn',
      'of sharegpt: send every question of a conversation as chat messages, with all that was said before',
    )
    .option('--disable-shuffle', 'send the prompts of a file in its order, instead of a sample by --seed')
    .option(
      '--no-oversample',
      'send each prompt of a file once at most, even if that is fewer than --num-prompts',
    )
    .addOption(
      new Option(
        '--max-model-len <n>',
        'leave out prompts of a file that with their replies have more tokens (by --tokenizer, else estimated)',
      ).argParser(positiveInteger),
    )
    .addOption(
      new Option(
        '--trace-speedup <factor>',
        "how much faster than recorded a trace's requests come (default: 1)",
      ).argParser(positiveNumber),
    )
    .addOption(
      new Option(
        '--trace-block-size <n>',
        "tokens that a hash id of a trace stands for (default: what its lengths say, 512 in Mooncake's)",
      ).argParser(positiveInteger),
    )
    .addOption(new Option('--sharegpt-output-len <n>').argParser(positiveInteger).hideHelp())
    .addOption(new Option('--sharegpt-context-len <n>').argParser(positiveInteger).hideHelp())
    .addOption(new Option('--custom-output-len <n>').argParser(positiveInteger).hideHelp())
    .addHelpText('after', `\nKinds of data sets (--dataset-name):\n${kindList()}`);
}

function kindList(): string {
  const width = Math.max(...datasetNames.map(({ length }) => length)) + 2;
  return datasetKinds.map(({ name, help }) => `  ${name.padEnd(width)}${help}`).join('\n');
}

function seedNumber(text: string): number {
  const value = wholeNumber(text);
  if (value >= 2 ** 32) throw new InvalidArgumentError('expected a whole number below 2^32');
  return value;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new InvalidArgumentError('expected 0 or a whole number above');
  return value;
}

function fraction(text: string): number {
  const value = Number(text);
  if (text === '' || !(value >= 0 && value <= 1))
    throw new InvalidArgumentError('expected a number from 0 to 1');
  return value;
}

function rate(text: string): number {
  return text === 'inf' ? Number.POSITIVE_INFINITY : positiveNumber(text);
}

function metrics(text: string): string[] {
  const names = text.split(',');
  for (const name of names) {
    if (!['ttft', 'tpot', 'itl', 'e2el'].includes(name))
      throw new InvalidArgumentError('expected a list of ttft, tpot, itl, e2el');
  }
  return names;
}

function percents(text: string): number[] {
  const values = text.split(',').map(Number);
  if (values.some((value) => !(value > 0 && value <= 100)))
    throw new InvalidArgumentError('expected a list of numbers up to 100');
  return values;
}

function goodput(text: string, before: Slos = {}): Slos {
  const [, metric, limit] = /^(ttft|tpot|e2el):([\d.]+)$/.exec(text) ?? [];
  if (metric === undefined) throw new InvalidArgumentError('expected ttft:MS, tpot:MS or e2el:MS');
  return { ...before, [metric]: Number(limit) };
}

function header(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+)=([^\r\n]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('expected name=value');
  return { ...before, [name]: value };
}

function nonNegative(text: string): number {
  const value = Number(text);
  if (text === '' || !(value >= 0 && Number.isFinite(value)))
    throw new InvalidArgumentError('expected 0 or a number above');
  return value;
}

function finite(text: string): number {
  const value = Number(text);
  if (text === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number');
  return value;
}

function numberOrRange(text: string): Range {
  const [, low, high = low] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (!(Number(low) >= 1 && Number(low) <= Number(high)))
    throw new InvalidArgumentError('expected a number or low-high, e.g. 2-6');
  return { low: Number(low), high: Number(high) };
}

function jsonObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Told below.
  }
  throw new InvalidArgumentError('expected a JSON object, e.g. {"top_n_tokens": 5}');
}

function metadata(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError('expected key=value');
  return { ...before, [key]: value };
}

function rateStages(text: string): Stage[] {
  return text.split(',').map((part) => {
    const [, from, to = from, seconds] = /^([\d.]+)(?:-([\d.]+))?:([\d.]+)$/.exec(part) ?? [];
    const [fromRate, rate, durationS] = [Number(from), Number(to), Number(seconds)];
    if (!(fromRate > 0 && rate > 0 && durationS > 0))
      throw new InvalidArgumentError('expected rate:seconds or from-to:seconds, e.g. 5:30,5-50:60');
    return { fromRate, rate, durationS };
  });
}

function idRange(text: string): Range {
  const [, low, high] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  if (low === undefined || Number(low) > Number(high))
    throw new InvalidArgumentError('expected low-high, e.g. 1000-29999');
  return { low: Number(low), high: Number(high) };
}

function shard(text: string): { number: number; of: number } {
  const [, number, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (Number(number) < 1 || !(Number(number) <= Number(of)))
    throw new InvalidArgumentError('expected i/n with i from 1 to n');
  return { number: Number(number), of: Number(of) };
}
