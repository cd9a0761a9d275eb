import { choiceEvents, errorOf, lastCount, type ServerAnswer, showsOutput } from './answer.ts';
import { type ConformanceFinding, type ConformanceQuestion, refused } from './question.ts';

const replyTokens = 24;

/** How the server counts, and how tokens are distributed over its events. */
export const countingQuestions: readonly ConformanceQuestion[] = [
  {
    name: 'usage',
    text: 'Does a streamed reply contain a token count?',
    async ask(examinee, signal) {
      const answer = await examinee.ask({ outputTokens: replyTokens }, signal);
      const error = errorOf(answer);
      if (error !== undefined) return refused(error, 'no measurement is possible', 'harm');
      const [output, prompt] = [lastCount(answer, 'completionTokens'), lastCount(answer, 'promptTokens')];
      const facts = { output_tokens: output ?? null, prompt_tokens: prompt ?? null };
      if (output === undefined)
        return {
          answer: 'no',
          means: 'tokens are counted with --tokenizer, or one per chunk; the verdict says so',
          grade: 'harm',
          facts,
        };
      const where = usagePlace(answer);
      if (prompt === undefined)
        return {
          answer: `of output only (${output}), ${where}`,
          means: 'input tokens and total throughput are unknown, unless prompts are sent as token ids',
          grade: 'note',
          facts,
        };
      return { answer: `yes, ${where}`, means: 'tokens are counted by the server', grade: 'fine', facts };
    },
  },
  {
    name: 'usage-per-chunk',
    text: 'Can every chunk contain a token count?',
    async ask(examinee, signal) {
      const answer = await examinee.ask({ outputTokens: replyTokens, perChunkUsage: true }, signal);
      const error = errorOf(answer);
      if (error !== undefined) return refused(error, 'leave out --per-chunk-usage', 'note');
      const chunks = choiceEvents(answer).filter(showsOutput);
      const counts = chunks.flatMap(({ reading }) => reading?.counts?.completionTokens ?? []);
      const total = lastCount(answer, 'completionTokens');
      const facts = {
        chunks: chunks.length,
        counted_chunks: counts.length,
        last_count: counts.at(-1) ?? null,
      };
      if (counts.length === 0 || counts.length < chunks.length)
        return {
          answer: counts.length === 0 ? 'no' : `with ${counts.length} of ${chunks.length} chunks`,
          means: 'the gap of a chunk is divided evenly among its tokens',
          grade: 'note',
          facts,
        };
      const rises = counts.every((count, index) => index === 0 || count >= (counts[index - 1] ?? 0));
      if (!rises || counts.at(-1) !== total || (counts.at(-1) === counts[0] && counts.length > 1))
        return {
          answer: `yes, but they are not token counts: ${counts.slice(0, 4).join(', ')} … ${counts.at(-1)}`,
          means: 'they are not used; leave out --per-chunk-usage',
          grade: 'note',
          facts,
        };
      return { answer: 'yes', means: '--per-chunk-usage makes every token gap exact', grade: 'fine', facts };
    },
  },
  {
    name: 'empty-chunks',
    text: 'Are there chunks without text, and are they tokens?',
    async ask(examinee, signal) {
      const answer = await examinee.ask({ outputTokens: replyTokens }, signal);
      const error = errorOf(answer);
      if (error !== undefined) return refused(error, 'no measurement is possible', 'harm');
      const chunks = choiceEvents(answer);
      const shown = chunks.filter(showsOutput);
      const empty = chunks.length - shown.length;
      const ends = chunks.filter(
        (event) =>
          !showsOutput(event) &&
          event.reading?.choices.every(({ finish, hasRole }) => finish !== undefined || hasRole),
      ).length;
      const total = lastCount(answer, 'completionTokens');
      const facts = { chunks: chunks.length, empty_chunks: empty, output_tokens: total ?? null };
      if (empty - ends <= 0)
        return {
          answer: empty === 0 ? 'no' : 'only at the start or end of a reply',
          means: 'the first chunk with text is the first token',
          grade: 'fine',
          facts,
        };
      if (total === undefined)
        return {
          answer: `${empty}; without a count it is unclear whether they are tokens`,
          means: 'the first token is uncertain',
          grade: 'harm',
          facts,
        };
      const areTokens = total > shown.length;
      return {
        answer: areTokens
          ? `${empty} of ${chunks.length}, and ${total - shown.length} tokens have no text`
          : `${empty} of ${chunks.length}, and they are not tokens`,
        means: areTokens
          ? 'times are those of tokens; first_text has the time of the first visible text'
          : 'they are ignored, because the token count excludes them',
        grade: 'note',
        facts,
      };
    },
  },
  {
    name: 'tokens-per-chunk',
    text: 'How many tokens does a chunk carry?',
    async ask(examinee, signal) {
      const answer = await examinee.ask({ outputTokens: 2 * replyTokens }, signal);
      const shown = choiceEvents(answer).filter(showsOutput).length;
      const total = lastCount(answer, 'completionTokens');
      const facts = { chunks: shown, output_tokens: total ?? null };
      if (total === undefined || shown === 0)
        return { answer: 'unknown', means: 'each chunk counts as one token', grade: 'unknown', facts };
      const each = total / shown;
      if (each < 1.2)
        return { answer: 'one', means: 'gaps between chunks are gaps between tokens', grade: 'fine', facts };
      return {
        answer: `${each.toFixed(1)} on average`,
        means:
          'the gap of a chunk is divided among its tokens for ITL; chunk_gap has the gaps as measured; TPOT counts all tokens',
        grade: 'note',
        facts,
      };
    },
  },
  {
    name: 'token-ids',
    text: 'Can chunks list their token ids (return_token_ids)?',
    async ask(examinee, signal) {
      const answer = await examinee.ask(
        { outputTokens: replyTokens, fields: { return_token_ids: true } },
        signal,
      );
      const error = errorOf(answer);
      if (error !== undefined) return refused(error, 'tokens are identified by counts and chunks', 'note');
      const listed = choiceEvents(answer)
        .flatMap(({ reading }) => reading?.choices ?? [])
        .reduce((sum, { tokens = 0 }) => sum + tokens, 0);
      const total = lastCount(answer, 'completionTokens');
      const facts = { listed_ids: listed, output_tokens: total ?? null };
      if (listed === 0)
        return { answer: 'no', means: 'tokens are identified by counts and chunks', grade: 'note', facts };
      return {
        answer:
          listed === total
            ? 'yes, as many as the server counts'
            : `yes, ${listed}, but the server counts ${total ?? 'none'}`,
        means: 'with --extra-body \'{"return_token_ids": true}\' the tokens of each chunk are known exactly',
        grade: listed === total ? 'fine' : 'note',
        facts,
      };
    },
  },
  {
    name: 'token-id-prompts',
    text: 'Are prompts of token ids accepted and counted exactly?',
    appliesTo: (examinee) => examinee.takesTokenIds,
    async ask(examinee, signal) {
      const prompt = examinee.tokenIds(37);
      const answer = await examinee.ask({ prompt, outputTokens: 2 }, signal);
      const error = errorOf(answer);
      if (error !== undefined)
        return refused(
          error,
          'use --prompt-format text; --token-ids low-high for another vocabulary',
          'note',
        );
      return promptCount(answer, prompt.length, 'prompts have exactly the requested length');
    },
  },
  {
    name: 'prompt-count',
    text: 'Are prompt tokens counted as sent?',
    async ask(examinee, signal) {
      const few = lastCount(
        await examinee.ask({ prompt: examinee.words(10), outputTokens: 1 }, signal),
        'promptTokens',
      );
      const many = lastCount(
        await examinee.ask({ prompt: examinee.words(60), outputTokens: 1 }, signal),
        'promptTokens',
      );
      const facts = { of_10_words: few ?? null, of_60_words: many ?? null };
      if (few === undefined || many === undefined)
        return { answer: 'no', means: 'input tokens are unknown for text prompts', grade: 'note', facts };
      if (many <= few)
        return {
          answer: `no: ${few} for 10 words, ${many} for 60`,
          means: 'its prompt counts cannot be right',
          grade: 'harm',
          facts,
        };
      const perWord = (many - few) / 50;
      return {
        answer:
          perWord === 1
            ? `yes: 1 token per word, plus ${few - 10} others`
            : `yes: ${perWord.toFixed(2)} tokens per word, plus about ${Math.round(few - 10 * perWord)} others`,
        means:
          perWord === 1
            ? 'text prompts have exactly the requested length'
            : 'text prompts of exact length require --tokenizer or the server’s /tokenize',
        grade: perWord === 1 ? 'fine' : 'note',
        facts,
      };
    },
  },
  {
    name: 'tokenize',
    text: 'Does it answer /tokenize?',
    async ask(examinee, signal) {
      const { model } = examinee.settings;
      const answer = await examinee.look(
        '/tokenize',
        { model, prompt: ' the time', add_special_tokens: false },
        signal,
      );
      const has = typeof answer === 'object' && answer !== null && ('count' in answer || 'tokens' in answer);
      return {
        answer: has ? 'yes' : 'no',
        means: has
          ? 'it can count the tokens of a text prompt'
          : 'text prompts are counted by their usage or with --tokenizer',
        grade: has ? 'fine' : 'note',
      };
    },
  },
];

/** Where in a stream the last count is. */
function usagePlace(answer: ServerAnswer): string {
  const chunks = choiceEvents(answer);
  const counted = chunks.filter(({ reading }) => reading?.counts?.completionTokens !== undefined).length;
  if (counted > 1 && counted >= chunks.length - 2) return 'with every chunk';
  const last = answer.events.findLast(({ reading }) => reading?.counts?.completionTokens !== undefined);
  return last?.reading?.choices.length === 0 ? 'in a separate event' : 'with the last chunk';
}

function promptCount(answer: ServerAnswer, sent: number, means: string): ConformanceFinding {
  const counted = lastCount(answer, 'promptTokens');
  const facts = { sent, counted: counted ?? null };
  if (counted === sent) return { answer: `yes: ${counted} of ${sent}`, means, grade: 'fine', facts };
  if (counted === undefined)
    return {
      answer: 'accepted, but not counted',
      means: 'their length is what was sent',
      grade: 'note',
      facts,
    };
  return {
    answer: `accepted, but counted as ${counted} instead of ${sent}`,
    means: 'the server adds tokens to every prompt or removes some',
    grade: 'note',
    facts,
  };
}
