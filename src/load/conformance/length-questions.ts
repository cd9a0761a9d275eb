import { listAt, numberAt, objectAt, stringAt } from '../backends/json-fields.ts';
import { choiceEvents, errorOf, finishes, lastCount, ttftMs } from './answer.ts';
import type { Examinee } from './examinee.ts';
import { type ConformanceQuestion, refused } from './question.ts';

/** Whether replies and prompts have the intended length, and whether prompts are really new to the server. */
export const lengthQuestions: readonly ConformanceQuestion[] = [
  {
    name: 'ignore-eos',
    text: 'Does ignore_eos hold: is a reply exactly as long as requested?',
    async ask(examinee, signal) {
      const asked = 57;
      const answer = await examinee.ask({ outputTokens: asked, ignoreEos: true }, signal);
      const error = errorOf(answer);
      if (error !== undefined) return refused(error, 'do not use --ignore-eos', 'note');
      const total = lastCount(answer, 'completionTokens');
      const [finish] = finishes(answer).values();
      const facts = { asked, output_tokens: total ?? null, finish: finish ?? null };
      if (total === undefined)
        return {
          answer: 'unknown: there is no token count',
          means: 'lengths cannot be checked',
          grade: 'unknown',
          facts,
        };
      return total === asked
        ? {
            answer: `yes: ${total} of ${asked}`,
            means: 'every reply has the requested length',
            grade: 'fine',
            facts,
          }
        : {
            answer: `no: ${total} of ${asked}${finish === undefined ? '' : ` (${finish})`}`,
            means: 'the model decides output lengths, which differ from the requested ones',
            grade: 'note',
            facts,
          };
    },
  },
  {
    name: 'max-tokens',
    text: 'Does a reply end at the requested length?',
    async ask(examinee, signal) {
      const asked = 7;
      const answer = await examinee.ask({ outputTokens: asked, ignoreEos: false }, signal);
      const error = errorOf(answer);
      if (error !== undefined) return refused(error, 'no measurement is possible', 'harm');
      const total = lastCount(answer, 'completionTokens') ?? choiceEvents(answer).length;
      const facts = { asked, output_tokens: total };
      return total <= asked
        ? { answer: `yes: ${total} of ${asked}`, means: 'lengths can be limited', grade: 'fine', facts }
        : {
            answer: `no: ${total} of ${asked}`,
            means: 'the server does not know the field for the length: see --extra-body',
            grade: 'harm',
            facts,
          };
    },
  },
  {
    name: 'max-completion-tokens',
    text: 'Does max_completion_tokens work instead of max_tokens?',
    appliesTo: ({ settings }) => settings.backend === 'openai-chat',
    async ask(examinee, signal) {
      const asked = 7;
      const answer = await examinee.ask(
        {
          outputTokens: asked,
          ignoreEos: false,
          fields: { max_tokens: undefined, max_completion_tokens: asked },
        },
        signal,
      );
      const error = errorOf(answer);
      if (error !== undefined) return refused(error, 'send max_tokens', 'note');
      const total = lastCount(answer, 'completionTokens') ?? choiceEvents(answer).length;
      const facts = { asked, output_tokens: total };
      return total <= asked
        ? {
            answer: `yes: ${total} of ${asked}`,
            means: 'either field limits the length',
            grade: 'fine',
            facts,
          }
        : { answer: `no: ${total} of ${asked}`, means: 'send max_tokens', grade: 'note', facts };
    },
  },
  {
    name: 'several-choices',
    text: 'How are several choices (n = 2) streamed?',
    appliesTo: ({ settings }) => ['openai', 'vllm', 'llama.cpp', 'openai-chat'].includes(settings.backend),
    async ask(examinee, signal) {
      const asked = 8;
      const answer = await examinee.ask({ outputTokens: asked, fields: { n: 2, temperature: 1 } }, signal);
      const error = errorOf(answer);
      if (error !== undefined) return refused(error, 'request one choice at a time', 'fine');
      const indices = choiceEvents(answer).flatMap(
        ({ reading }) => reading?.choices.map(({ index }) => index) ?? [],
      );
      const choices = new Set(indices).size;
      const total = lastCount(answer, 'completionTokens');
      const turns = indices.filter((index, at) => at > 0 && index !== indices[at - 1]).length;
      const facts = { choices, output_tokens: total ?? null, asked_each: asked };
      if (choices < 2)
        return {
          answer: 'only one is sent',
          means: 'n has no effect: request one choice at a time',
          grade: 'note',
          facts,
        };
      return {
        answer: `${turns > 1 ? 'interleaved' : 'one after another'}${total === undefined ? '' : `, counted together as ${total}`}`,
        means: 'each choice is measured separately, and the result says so',
        grade: 'fine',
        facts,
      };
    },
  },
  {
    name: 'prefix-cache',
    text: 'Is the prefix cache on: is a repeated prompt answered faster?',
    async ask(examinee, signal) {
      const context = (await contextOf(examinee, signal)) ?? usualContext;
      const length = Math.min(1500, Math.floor(context / 2));
      const prompt = examinee.words(length);
      await examinee.ask({ prompt: examinee.words(length), outputTokens: 1 }, signal);
      const first = await examinee.ask({ prompt, outputTokens: 1 }, signal);
      const again = await examinee.ask({ prompt, outputTokens: 1 }, signal);
      const other = await examinee.ask({ prompt: examinee.words(length), outputTokens: 1 }, signal);
      const error = errorOf(first) ?? errorOf(again) ?? errorOf(other);
      if (error !== undefined) return refused(error, 'it is unknown whether prompts may be repeated');
      const cached = lastCount(again, 'cachedTokens');
      const [firstMs, againMs, otherMs] = [ttftMs(first), ttftMs(again), ttftMs(other)];
      const newMs = Math.min(firstMs ?? Number.NaN, otherMs ?? Number.NaN);
      const ratio = (againMs ?? Number.NaN) / newMs;
      const facts = {
        prompt_tokens: lastCount(first, 'promptTokens') ?? null,
        cached_tokens: cached ?? null,
        ttft_new_ms: rounded(newMs),
        ttft_again_ms: rounded(againMs ?? Number.NaN),
      };
      const means =
        'do not repeat prompts: the warm-up, --seed and the length of a file decide whether cache hits are measured';
      if (cached !== undefined && cached > 0)
        return { answer: `yes: ${cached} prompt tokens were cached`, means, grade: 'note', facts };
      if (ratio < 0.6 && newMs > 20)
        return {
          answer: `apparently: ${newMs.toFixed(0)} ms, then ${againMs?.toFixed(0)} ms`,
          means,
          grade: 'note',
          facts,
        };
      if (cached === 0 || newMs > 20)
        return {
          answer: `no: ${newMs.toFixed(0)} ms, then ${againMs?.toFixed(0)} ms`,
          means: 'a repeated prompt costs as much as a new one',
          grade: 'fine',
          facts,
        };
      return {
        answer: `unclear: a new prompt takes only ${newMs.toFixed(0)} ms`,
        means,
        grade: 'unknown',
        facts,
      };
    },
  },
];

/** The context length assumed if the server does not report one. */
const usualContext = 2048;

/** The context length in tokens that the server reports; undefined if it does not. */
export async function contextOf(examinee: Examinee, signal: AbortSignal): Promise<number | undefined> {
  const models = await examinee.look('/v1/models', undefined, signal).catch(() => undefined);
  const list = listAt(models, 'data') ?? [];
  const { model } = examinee.settings;
  const found = list.find((entry) => stringAt(entry, 'id') === model) ?? list[0];
  const meta = objectAt(found, 'meta');
  const told =
    numberAt(found, 'max_model_len') ??
    numberAt(found, 'context_length') ??
    numberAt(meta, 'n_ctx') ??
    numberAt(meta, 'n_ctx_train');
  return told !== undefined && told > 0 ? told : undefined;
}

function rounded(valueMs: number): number | null {
  return Number.isFinite(valueMs) ? Math.round(10 * valueMs) / 10 : null;
}
