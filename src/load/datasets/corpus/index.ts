import { readFile } from 'node:fs/promises';
import { shardSeed } from '../../shards.ts';
import { wrongFile } from '../files/problem.ts';
import { type DatasetOptions, type MadeDataset, requestsOf } from '../options.ts';
import { type DrawnLengths, inputDistribution, outputDistribution } from '../synthetic.ts';
import { loadTokenizer } from '../tokenizer-words.ts';
import { code } from './code.ts';
import { Corpus, cutPrompts, estimateTokens } from './cut.ts';
import { prose } from './prose.ts';

/** Text that comes with the load generator. */
const ownCorpora: Readonly<Record<string, string>> = { prose, code, mixed: `${prose}\n\n${code}` };
export const ownCorpusNames: readonly string[] = Object.keys(ownCorpora);

/** A corpus must be longer than a few prompts, or all of them are the same text. */
const leastCharacters = 200;

/** Prompts cut from a corpus, instead of random tokens. Throws LoadError `bad-test`. */
export async function makeFromCorpus(
  options: DatasetOptions & { readonly corpus: string },
  lengths: DrawnLengths,
): Promise<MadeDataset> {
  const { corpus: name, tokenizerFile, seed = 0, shard } = options;
  const count = tokenizerFile === undefined ? estimateTokens : (await loadTokenizer(tokenizerFile)).count;
  const corpus = new Corpus(await textOf(name), count);
  const numPrompts = requestsOf(options);
  const prompts = cutPrompts(corpus, count, numPrompts, {
    input: inputDistribution(lengths),
    output: outputDistribution(lengths),
    seed: shardSeed(seed, shard),
  });
  const about = tokenizerFile === undefined ? ': lengths are estimated at four characters per token' : '';
  return {
    dataset: { kind: 'texts', prompts },
    numPrompts,
    notes: [
      `prompts are cut from ${name}, which has ${corpus.tokens.toLocaleString('en-US')} tokens${about}`,
    ],
  };
}

async function textOf(name: string): Promise<string> {
  const own = Object.hasOwn(ownCorpora, name) ? ownCorpora[name] : undefined;
  if (own !== undefined) return own;
  const text = await readFile(name, 'utf8').catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw wrongFile(
      { file: name },
      `cannot read the corpus: ${reason}`,
      `name a text file, or one of ${ownCorpusNames.join(', ')}`,
    );
  });
  if (text.includes('\u0000') || text.includes('\ufffd'))
    throw wrongFile({ file: name }, 'the corpus is not UTF-8 text');
  if (text.trim().length < leastCharacters)
    throw wrongFile({ file: name }, `the corpus has fewer than ${leastCharacters} characters`);
  return text;
}
