import { createInterface } from 'node:readline/promises';
import { PublishedTests } from '../../app/publish-tests.ts';
import { rememberedFacts, rememberFacts } from '../../app/remembered-servers.ts';
import { StateFolder } from '../../app/state-folder.ts';
import { InputError } from '../../errors.ts';
import type { ServerFact, ServerFacts } from '../../identity/index.ts';
import { type LoadTest, poolingOf, shownServer } from '../../load/index.ts';
import type { TestedShape } from '../../results/index.ts';
import { Interrupted } from '../interrupt.ts';
import { digits } from '../options.ts';
import { factsGiven, factsInWords, missingFacts, requireFacts } from '../server-facts.ts';
import { storeLocation } from '../store-location.ts';
import type { ServeOptions } from './serve-options.ts';

/** Checks, before any request is sent, that the results can become points. Throws InputError if not. */
export function checkPublishable(
  options: ServeOptions,
  { dataset, backend }: Pick<LoadTest, 'dataset' | 'backend'>,
): TestedShape {
  if (options.maxConcurrency === undefined)
    throw new InputError(
      '--publish needs --max-concurrency',
      'a published point needs its concurrency, such as 1,2,4,8',
    );
  if (options.shard !== undefined)
    throw new InputError(
      '--publish takes no --shard',
      'merge the shards with `bench merge`, then `store ingest` the result',
    );
  if (poolingOf(backend) !== undefined)
    throw new InputError(
      `--publish takes no --backend ${backend}`,
      'points are about generation: interactivity, and throughput of tokens',
    );
  const oneLength = 'all points of a chart share --random-input-len and --random-output-len';
  if (dataset.kind !== 'random')
    throw new InputError('--publish needs random prompts of one length', oneLength);
  if (dataset.inputLengths !== undefined || dataset.outputLengths !== undefined)
    throw new InputError('--publish takes no --input-len-dist or --output-len-dist', oneLength);
  if (dataset.rangeRatio === 0)
    throw new InputError(
      '--publish takes no --random-range-ratio 0, which draws lengths from 1 token up',
      'use 1 for exact lengths, or 0.8 as InferenceMAX does',
    );
  return { isl: dataset.inputLen, osl: dataset.outputLen };
}

/**
 * The facts for publishing results of a server: those on the command line, then those remembered for this server;
 * missing ones are asked on a terminal. Throws InputError if there is no terminal to ask.
 */
export async function publicationOf(
  options: ServeOptions,
  server: { readonly baseUrl: string; readonly model: string; readonly shape: TestedShape },
  note: (text: string) => void,
): Promise<PublishedTests> {
  const state = new StateFolder(options.stateDir);
  const named = { address: shownServer(server.baseUrl), model: server.model };
  const remembered = await rememberedFacts(state, named);
  const given = { ...remembered, ...factsGiven(options) };
  const facts = { ...given, ...(await askedFor(given, options)) };
  requireFacts(facts, '--publish');
  note(
    `published as ${factsInWords(facts)}${Object.keys(remembered).length > 0 ? ' (remembered for this server; change them with options)' : ''}`,
  );
  await rememberFacts(state, named, facts);
  return new PublishedTests({ state, store: storeLocation(options), facts, shape: server.shape });
}

/** Asks for missing facts on a terminal; returns nothing without one. */
async function askedFor(known: ServerFacts, { json }: ServeOptions): Promise<ServerFacts> {
  const missing = missingFacts(known);
  if (missing.length === 0 || json === true || !process.stdin.isTTY || !process.stderr.isTTY) return {};
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.once('SIGINT', () => terminal.close());
  // Pasted lines are buffered here until their questions come.
  const lines = terminal[Symbol.asyncIterator]();
  const answer = async (question: string): Promise<string> => {
    terminal.setPrompt(question);
    terminal.prompt();
    const { value, done } = await lines.next();
    if (done === true) throw new Interrupted('the answers were cut short');
    return value.trim();
  };
  try {
    const answers: [string, string | number][] = [];
    for (const fact of missing) answers.push([fact.name, await answerTo(fact, answer)]);
    return Object.fromEntries(answers);
  } finally {
    terminal.close();
  }
}

async function answerTo(
  { flag, about, line, problemOf }: ServerFact,
  answer: (question: string) => Promise<string>,
): Promise<string | number> {
  for (;;) {
    const text = await answer(`${flag}: ${about}: `);
    const value = line.type === 'count' ? digits(text) : text;
    const problem = value === undefined ? 'expected a whole number above 0' : problemOf(value);
    if (value !== undefined && problem === undefined) return value;
    process.stderr.write(`  ${problem}\n`);
  }
}
