import { basename, extname } from 'node:path';
import { Command, Option } from 'commander';
import { writeFileAtomically } from '../../atomic-file.ts';
import { defined } from '../../defined/defined.ts';
import { InputError } from '../../errors.ts';
import { datasetKinds, loadTraces, makeDataset } from '../../load/index.ts';
import { printable, printableLines } from '../../printable.ts';
import { withLoadErrors } from '../bench/errors.ts';
import { synthesizeCommand } from '../bench/synthesize.ts';
import { jsonOption, positiveInteger } from '../options.ts';

interface DescribeOptions {
  readonly datasetName?: string;
  readonly traceBlockSize?: number;
  readonly cacheBlockSize?: number;
  readonly outputLen?: number;
  readonly out?: string;
  readonly json?: true;
}

/** `inferencemax trace`: what a data set asks of a server. */
export function command(): Command {
  return new Command('trace')
    .description(
      'Describes data sets for bench serve, and generates traces for bench replay, without a server.',
    )
    .addCommand(describe())
    .addCommand(synthesizeCommand())
    .addHelpText('after', '\nExample:\n  inferencemax trace describe trace.jsonl --out trace.html');
}

const pictures = ['.svg', '.html'];
/** More than any file has, so that every prompt is described. */
const allPrompts = 100_000_000;

function describe(): Command {
  const fromFile = datasetKinds.filter(({ options }) => options.includes('datasetPath'));
  return new Command('describe')
    .description(
      'Describes a data set: lengths, common prefixes of prompts, ideal prefix cache hits by cache size, burstiness of arrivals.',
    )
    .argument('<file>', 'the file, as for --dataset-path of bench serve')
    .addOption(
      new Option('--dataset-name <name>', 'kind of data set (default: from the first row)').choices(
        fromFile.map(({ name }) => name),
      ),
    )
    .addOption(
      new Option(
        '--cache-block-size <n>',
        'tokens per block of the prefix cache (default: that of the trace, or else 16)',
      ).argParser(positiveInteger),
    )
    .addOption(
      new Option('--trace-block-size <n>', 'tokens per hash id of a trace (default: derived)').argParser(
        positiveInteger,
      ),
    )
    .addOption(
      new Option('--output-len <n>', 'tokens per reply, if the file does not state them').argParser(
        positiveInteger,
      ),
    )
    .addOption(
      new Option(
        '--out <file>',
        'also write a picture: an .svg image, or an .html page with the text',
      ).argParser(pictureFile),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Cache hits are those of an LRU cache of whole blocks, provided that each request ends before the next one starts.
Lengths of texts are estimated at four bytes per token.

Examples:
  inferencemax trace describe conversation_trace.jsonl
  inferencemax trace describe ShareGPT_V3.json --json
  inferencemax trace describe agent-traces.jsonl
  inferencemax trace describe trace.jsonl --cache-block-size 16 --out trace.svg`,
    )
    .action((file: string, options: DescribeOptions) => withLoadErrors(() => described(file, options)));
}

function pictureFile(path: string): string {
  if (pictures.includes(extname(path).toLowerCase())) return path;
  throw new InputError(`--out ${path}: expected a name that ends in ${pictures.join(' or ')}`);
}

async function described(file: string, options: DescribeOptions): Promise<void> {
  const { describeTrace, traceInWords, traceAsSvg, traceAsHtml } = await loadTraces();
  const { kind, ...made } = await requestsIn(file, options);
  const description = describeTrace(made, { blockTokens: options.cacheBlockSize, seed: 0 });
  const words = traceInWords(description);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ file, kind, ...description, notes: made.notes })}\n`);
  } else {
    for (const note of made.notes) process.stderr.write(`note: ${printable(note)}\n`);
    process.stdout.write(printableLines(`${words}\n`));
  }
  if (options.out === undefined) return;
  const name = basename(file);
  const picture =
    extname(options.out).toLowerCase() === '.svg'
      ? traceAsSvg(description, name)
      : traceAsHtml(description, name, words);
  await writeFileAtomically(options.out, picture);
  process.stderr.write(`written: ${options.out}\n`);
}

/** The requests of a file, all of them, and what kind of file it is. */
async function requestsIn(file: string, options: DescribeOptions) {
  const { agentLengthsIn, kindOfFile } = await loadTraces();
  const sessions = options.datasetName === undefined ? await agentLengthsIn(file) : undefined;
  if (sessions !== undefined) return { ...sessions, kind: 'agent traces' };
  const kind = options.datasetName ?? (await kindOfFile(file));
  const isTrace = datasetKinds.some(
    ({ name, options: reads }) => name === kind && reads.includes('traceSpeedup'),
  );
  const isGiven = !isTrace && kind !== 'conversations' && kind !== 'agentic';
  const made = await makeDataset(kind, {
    datasetPath: file,
    ...defined({
      traceBlockSize: options.traceBlockSize,
      outputLen: options.outputLen,
      numPrompts: isGiven ? allPrompts : undefined,
      disableShuffle: isGiven ? (true as const) : undefined,
      oversample: isGiven ? false : undefined,
      multiTurn: kind === 'sharegpt' ? (true as const) : undefined,
    }),
  });
  return { ...made, kind };
}
