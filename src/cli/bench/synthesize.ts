import { Command, Option } from 'commander';
import { writeFileAtomically } from '../../atomic-file.ts';
import { loadAgentic } from '../../load/index.ts';
import { jsonOption, positiveInteger, positiveNumber, wholeNumber } from '../options.ts';
import { withLoadErrors } from './errors.ts';

interface SynthesizeOptions {
  readonly out: string;
  readonly traces?: number;
  readonly turns?: number;
  readonly seed?: number;
  readonly blockSize?: number;
  readonly maxContextLength?: number;
  readonly timeScale?: number;
  readonly json?: true;
}

/** `inferencemax trace synthesize`: traces of invented coding sessions. */
export function synthesizeCommand(): Command {
  return new Command('synthesize')
    .description(
      'Writes traces of synthetic coding-agent sessions, for bench replay: agents with subagents, parallel workers and shared prefixes.',
    )
    .argument('<out>', 'output file, one trace per line')
    .addOption(new Option('--traces <n>', 'number of traces (default: 8)').argParser(positiveInteger))
    .addOption(
      new Option('--turns <n>', 'turns of the main agent, on average (default: 12)').argParser(
        positiveInteger,
      ),
    )
    .addOption(
      new Option('--seed <n>', 'the same seed gives the same traces (default: 0)').argParser(wholeNumber),
    )
    .addOption(new Option('--block-size <n>', 'tokens per hash id (default: 64)').argParser(positiveInteger))
    .addOption(
      new Option(
        '--max-context-length <n>',
        'longest prompt with its reply, in tokens (default: 131072)',
      ).argParser(positiveInteger),
    )
    .addOption(
      new Option(
        '--time-scale <factor>',
        'multiply all pauses and durations by this factor (default: 1)',
      ).argParser(positiveNumber),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
The traces have the Weka format of the public agentic corpora. They contain no text, only lengths, times and hash ids.
Prompt lengths scale with --max-context-length, so a smaller value gives shorter sessions.

Examples:
  inferencemax trace synthesize traces.jsonl
  inferencemax trace synthesize small.jsonl --traces 4 --max-context-length 2048 --block-size 16 --time-scale 0.1`,
    )
    .action((out: string, options: Omit<SynthesizeOptions, 'out'>) =>
      withLoadErrors(() => synthesize({ ...options, out })),
    );
}

async function synthesize({ out, json, ...options }: SynthesizeOptions): Promise<void> {
  const { synthesizeTraces, synthesisDefaults: initial, isSubagent } = await loadAgentic();
  const traces = synthesizeTraces({
    traces: options.traces ?? initial.traces,
    seed: options.seed ?? initial.seed,
    turns: options.turns ?? initial.turns,
    blockTokens: options.blockSize ?? initial.blockTokens,
    contextTokens: options.maxContextLength ?? initial.contextTokens,
    timeScale: options.timeScale ?? initial.timeScale,
  });
  await writeFileAtomically(out, traces.map((trace) => `${JSON.stringify(trace)}\n`).join(''));
  const requests = traces.flatMap(({ requests: entries }) =>
    entries.flatMap((entry) => (isSubagent(entry) ? entry.requests : [entry])),
  );
  const summary = { file: out, traces: traces.length, requests: requests.length };
  process.stdout.write(
    json === true
      ? `${JSON.stringify(summary)}\n`
      : `wrote ${out} with ${traces.length} traces and ${requests.length} requests\n`,
  );
}
