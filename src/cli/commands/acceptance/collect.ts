import { basename } from 'node:path';
import { Command, Option } from 'commander';
import { addLength, type MeasuredAcceptance, measureAcceptance } from '../../../app/collect-acceptance.ts';
import { checkWritable } from '../../../atomic-file.ts';
import { type ThinkingMode, thinkingModes } from '../../../config/index.ts';
import { defined } from '../../../defined/defined.ts';
import { loadTestDefaults, makeDataset } from '../../../load/index.ts';
import { withLoadErrors } from '../../bench/errors.ts';
import { progressOn } from '../../bench/progress.ts';
import { jsonObject } from '../../bench/serve-parsers.ts';
import { modelNamedBy, serverOf } from '../../bench/server-of.ts';
import { Interrupted, interruptedExitCode, withInterrupt } from '../../interrupt.ts';
import { fraction, httpAddress, jsonOption, nonNegative, positiveInteger } from '../../options.ts';

interface CollectOptions {
  readonly baseUrl: string;
  readonly model?: string;
  readonly datasetPath: string;
  readonly numPrompts?: number;
  readonly outputLen: number;
  readonly maxConcurrency: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly extraBody?: Readonly<Record<string, unknown>>;
  readonly mode: ThinkingMode;
  readonly speculativeTokens?: number;
  readonly metricsUrl?: readonly string[];
  readonly curveModel?: string;
  readonly output?: string;
  readonly json?: true;
}

/** `inferencemax acceptance collect`. */
export function collectCommand(): Command {
  return new Command('collect')
    .description(
      'Sends a data set to a running server and reads from its metrics how many drafted tokens it accepted.',
    )
    .requiredOption('--base-url <url>', 'server URL, such as http://127.0.0.1:8000', httpAddress)
    .option('--model <name>', 'model name on the server (default: the first one listed by /v1/models)')
    .requiredOption('--dataset-path <file>', 'prompts or chat messages, as JSON lines or a JSON array')
    .addOption(
      new Option('--num-prompts <n>', 'number of prompts (default: all prompts in the file)').argParser(
        positiveInteger,
      ),
    )
    .addOption(
      new Option('--output-len <n>', 'maximum tokens per reply').argParser(positiveInteger).default(4096),
    )
    .addOption(
      new Option('--max-concurrency <n>', 'maximum requests in flight').argParser(positiveInteger).default(8),
    )
    .addOption(new Option('--temperature <t>', 'sampling temperature (default: 0)').argParser(nonNegative))
    .addOption(
      new Option('--top-p <p>', 'sample from the likeliest tokens with this total probability').argParser(
        fraction,
      ),
    )
    .addOption(
      new Option(
        '--extra-body <json>',
        'extra fields for every request body, such as {"chat_template_kwargs":{"thinking":true}}',
      ).argParser(jsonObject),
    )
    .addOption(
      new Option('--mode <mode>', 'section of the YAML file to which the acceptance length is added')
        .choices(thinkingModes)
        .default('thinking_on'),
    )
    .addOption(
      new Option(
        '--speculative-tokens <n>',
        "number of speculative tokens per draft, if the engine's metrics do not contain it",
      ).argParser(positiveInteger),
    )
    .option('--metrics-url <urls...>', 'Prometheus metrics URLs of the engine (default: its usual path)')
    .option(
      '--curve-model <name>',
      'model name in the YAML file (default: the last part of --model, in lower case)',
    )
    .option('--output <file>', 'YAML file to which the acceptance length is added')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The acceptance length is the mean number of tokens per verification step: 1 + accepted tokens / verified drafts. Restart
the engine for each number of speculative tokens, with real weights and without a forced length. A file in
.github/configs/acceptance/ is a curve that a config can name (acceptance: <name>).

Example:
  inferencemax acceptance collect --base-url http://127.0.0.1:8000 --dataset-path coding.jsonl --temperature 1 \\
    --extra-body '{"chat_template_kwargs":{"thinking":true}}' --output .github/configs/acceptance/dsv4_mtp.yaml`,
    )
    .action(async (options: CollectOptions) => {
      if (options.output !== undefined) await checkWritable(options.output);
      try {
        await withLoadErrors(
          async () =>
            await withInterrupt(
              async (signal) => await collect(options, signal),
              () => process.stderr.write('\ninterrupted: nothing was written\n'),
            ),
        );
      } catch (error) {
        if (!(error instanceof Interrupted)) throw error;
        process.exitCode = interruptedExitCode;
      }
    });
}

async function collect(options: CollectOptions, signal: AbortSignal): Promise<void> {
  const server = serverOf({ baseUrl: options.baseUrl, host: '', port: 0 }, process.env.OPENAI_API_KEY);
  const note = (text: string) => process.stderr.write(`note: ${text}\n`);
  const model = options.model ?? (await modelNamedBy(server, signal, note));
  const { datasetPath, outputLen, numPrompts, temperature, topP } = options;
  const made = await makeDataset('custom', {
    datasetPath,
    customOutputLen: outputLen,
    disableShuffle: true,
    oversample: false,
    ...defined({ numPrompts }),
  });
  for (const text of made.notes) note(text);
  const sampling = defined({ temperature, top_p: topP });
  const measured = await measureAcceptance(
    { ...server, metricsUrls: options.metricsUrl },
    {
      ...loadTestDefaults,
      ...server,
      model,
      tokenizerId: model,
      backend: 'openai-chat',
      useChatTemplate: true,
      dataset: made.dataset,
      numPrompts: made.numPrompts,
      maxConcurrency: options.maxConcurrency,
      sampling,
      extraBody: options.extraBody ?? {},
    },
    defined({ speculativeTokens: options.speculativeTokens }),
    { signal, onProgress: progressOn(process.stderr, '') },
  );
  const curveModel = options.curveModel ?? (model.split('/').at(-1) ?? model).toLowerCase();
  if (options.output !== undefined)
    await addLength(options.output, {
      model: curveModel,
      mode: options.mode,
      speculativeTokens: measured.speculativeTokens,
      length: measured.length,
      how: howMeasured(measured, options),
    });
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(jsonOf(measured, curveModel, options))}\n`
      : `${lines(measured, options).join('\n')}\n`,
  );
}

function howMeasured({ engine, requests, figures }: MeasuredAcceptance, options: CollectOptions): string {
  const { datasetPath, outputLen, temperature = 0, topP, extraBody } = options;
  return [
    `${engine}, ${requests} prompts of ${basename(datasetPath)}, up to ${outputLen} tokens, temperature ${temperature}`,
    ...(topP === undefined ? [] : [`top_p ${topP}`]),
    ...(extraBody === undefined ? [] : [JSON.stringify(extraBody)]),
    ...(figures.from === 'gauges' ? ['mean of the gauges that the engine publishes'] : []),
  ].join(', ');
}

function jsonOf(measured: MeasuredAcceptance, model: string, { mode }: CollectOptions) {
  const { engine, requests, outputTokens, speculativeTokens, length, figures, otherRequests } = measured;
  return {
    model,
    mode,
    engine,
    speculative_tokens: speculativeTokens,
    acceptance_length: length,
    acceptance: figures.acceptance,
    acceptance_by_position: figures.acceptance_by_position,
    drafts: figures.drafts,
    drafted_tokens: figures.drafted_tokens,
    accepted_tokens: figures.accepted_tokens,
    from: figures.from,
    requests,
    output_tokens: outputTokens,
    other_requests: otherRequests,
  };
}

function lines(measured: MeasuredAcceptance, { output }: CollectOptions): string[] {
  const { engine, requests, speculativeTokens, length, figures, otherRequests } = measured;
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const { acceptance, acceptance_by_position: positions } = figures;
  return [
    `${engine}, ${speculativeTokens} speculative tokens, ${requests} requests`,
    `acceptance length     ${length.toFixed(2)} tokens per verification step`,
    ...(acceptance === null ? [] : [`accepted              ${percent(acceptance)} of the drafted tokens`]),
    ...(positions === null ? [] : [`accepted by position  ${positions.map(percent).join(', ')}`]),
    ...(otherRequests === null || otherRequests === 0
      ? []
      : [
          `these counters include ${otherRequests} requests from other clients: measure on a server without other clients`,
        ]),
    ...(output === undefined ? [] : [`written to ${output}`]),
  ];
}
