import { choiceEvents, errorOf, finishes, lastCount, type ServerAnswer, showsOutput } from './answer.ts';
import { contextOf } from './length-questions.ts';
import { type ConformanceFinding, type ConformanceQuestion, refused } from './question.ts';

/** How replies begin, end, fail and are given up. */
export const streamQuestions: readonly ConformanceQuestion[] = [
  {
    name: 'stream',
    text: 'Does it stream, and under which content type?',
    async ask(examinee, signal) {
      const answer = await examinee.ask({ outputTokens: 24 }, signal);
      const error = errorOf(answer);
      if (error !== undefined) return refused(error, 'nothing can be measured', 'harm');
      const type = answer.headers['content-type'] ?? 'none';
      const packing = answer.headers['content-encoding'];
      const chunks = choiceEvents(answer);
      const spanMs = (chunks.at(-1)?.atMs ?? 0) - (chunks[0]?.atMs ?? 0);
      const facts = {
        content_type: type,
        chunks: chunks.length,
        comments: answer.comments,
        span_ms: Math.round(spanMs),
      };
      if (chunks.length === 0)
        return {
          answer: `no: ${answer.start.slice(0, 80)}`,
          means: 'nothing can be measured',
          grade: 'harm',
          facts,
        };
      if (chunks.length === 1)
        return {
          answer: `no: all of it comes at once (${type})`,
          means: 'there is no time to the first token, and no gap',
          grade: 'harm',
          facts,
        };
      if (packing !== undefined && packing !== 'identity')
        return {
          answer: `yes, packed as ${packing} though that was not asked for`,
          means: 'gzip is unpacked; what packs may hold tokens back',
          grade: 'note',
          facts,
        };
      const isUsual = /^text\/event-stream/i.test(type);
      return {
        answer: `yes, ${type}`,
        means: isUsual ? 'read as it is' : 'read all the same, with a note',
        grade: isUsual ? 'fine' : 'note',
        facts,
      };
    },
  },
  {
    name: 'end',
    text: 'How does a reply end?',
    async ask(examinee, signal) {
      const answer = await examinee.ask({ outputTokens: 8 }, signal);
      const error = errorOf(answer);
      if (error !== undefined) return refused(error, 'nothing can be measured', 'harm');
      const done = answer.events.findIndex(({ data }) => data.trim() === '[DONE]');
      const isLast = answer.events.some(({ reading }) => reading?.isLast === true);
      const [finish] = finishes(answer).values();
      const facts = { done: done !== -1, finish: finish ?? null, body: answer.end };
      const marks = [
        ...(finish === undefined ? [] : [`finish reason ${finish}`]),
        ...(done === -1 ? [] : ['[DONE]']),
        ...(isLast ? ["its protocol's last event"] : []),
        answer.end === 'whole' ? 'the end of the body' : 'a body that is cut off',
      ];
      const late = done === -1 ? 0 : answer.events.length - done - 1;
      const answerText = `${marks.join(', ')}${late > 0 ? `, and ${late} events after [DONE]` : ''}`;
      if (finish === undefined && done === -1 && !isLast)
        return {
          answer: answerText,
          means: 'a reply that is cut off cannot be told from a whole one',
          grade: 'harm',
          facts,
        };
      return {
        answer: answerText,
        means: 'a reply that is cut off is found',
        grade: answer.end === 'whole' && late === 0 ? 'fine' : 'note',
        facts,
      };
    },
  },
  {
    name: 'keep-alive',
    text: 'Does the connection stay open for the next request?',
    async ask(examinee, signal) {
      await examinee.ask({ outputTokens: 1 }, signal);
      const { reusedConnection, headers } = await examinee.ask({ outputTokens: 1 }, signal);
      const facts = { reused: reusedConnection, connection: headers.connection ?? null };
      return reusedConnection
        ? { answer: 'yes', means: 'no request waits for a new connection', grade: 'fine', facts }
        : {
            answer: 'no',
            means: 'TTFT contains the opening of a connection, after the first reply of each stream',
            grade: 'note',
            facts,
          };
    },
  },
  {
    name: 'unstreamed',
    text: 'Does it answer without streaming, and count then?',
    appliesTo: ({ settings }) => !['tensorrt-llm', 'tgi'].includes(settings.backend),
    async ask(examinee, signal) {
      const answer = await examinee.ask(
        { outputTokens: 8, fields: { stream: false, stream_options: undefined } },
        signal,
      );
      const error = errorOf(answer);
      if (error !== undefined) return refused(error, 'only streams can be measured', 'note');
      if (answer.json === undefined)
        return {
          answer: 'no: it streams all the same',
          means: 'only streams can be measured',
          grade: 'note',
        };
      const counts =
        typeof answer.json === 'object' && answer.json !== null
          ? examinee.backend.read(answer.json, { answer: () => '', completionTokens: 0 }, '').counts
          : undefined;
      return {
        answer: counts?.completionTokens === undefined ? 'yes, without a count' : 'yes, with a count',
        means: 'whole replies can be asked for; they have no time to the first token',
        grade: 'fine',
        facts: { output_tokens: counts?.completionTokens ?? null },
      };
    },
  },
  {
    name: 'too-long',
    text: 'How is a prompt that is too long refused?',
    async ask(examinee, signal) {
      const context = await contextOf(examinee, signal);
      if (context !== undefined && context > mostContext)
        return {
          answer: `not asked: its context is ${context} tokens`,
          means: 'keep prompts and replies within it',
          grade: 'unknown',
          facts: { context },
        };
      const sent = 2 * (context ?? mostContext) + 1000;
      const answer = await examinee.ask({ prompt: examinee.words(sent), outputTokens: 4 }, signal);
      const finding = refusal(answer);
      if (finding !== undefined) return finding;
      const counted = lastCount(answer, 'promptTokens');
      return {
        answer: `it is not${counted === undefined ? '' : `: ${counted} of about ${sent} tokens are taken`}`,
        means: 'prompts may be cut in silence: compare the input tokens with those that were sent',
        grade: counted === undefined || counted < sent / 2 ? 'harm' : 'note',
        facts: { sent_words: sent, counted: counted ?? null },
      };
    },
  },
  {
    name: 'bad-field',
    text: 'How is a field of the wrong type refused?',
    appliesTo: ({ settings }) =>
      !['tensorrt-llm', 'sglang', 'ollama', 'ollama-chat'].includes(settings.backend),
    async ask(examinee, signal) {
      const field = fieldOfLength[examinee.settings.backend] ?? 'max_tokens';
      const answer = await examinee.ask({ outputTokens: 4, fields: { [field]: 'many' } }, signal);
      return (
        refusal(answer) ?? {
          answer: `it is not: ${field} "many" is answered`,
          means: 'a wrong option may be ignored in silence: check that lengths are as asked',
          grade: 'note',
        }
      );
    },
  },
  {
    name: 'unknown-field',
    text: 'Is a field that it does not know refused?',
    async ask(examinee, signal) {
      const answer = await examinee.ask({ outputTokens: 4, fields: { a_field_nobody_knows: 1 } }, signal);
      const finding = refusal(answer);
      if (finding === undefined)
        return {
          answer: 'no, it is ignored',
          means: 'an option in --extra-body that is not known has no effect, and nobody says so',
          grade: 'note',
        };
      return { ...finding, means: 'options that it does not have are named', grade: 'fine' };
    },
  },
  {
    name: 'given-up',
    text: 'Is it ready for others when a client leaves in the middle of a reply?',
    async ask(examinee, signal) {
      const short = { outputTokens: 4 };
      const before = await examinee.ask(short, signal);
      const long = await examinee.ask({ outputTokens: 400, giveUpAfter: 2 }, signal);
      const after = await examinee.ask(short, signal);
      const later = await examinee.ask(short, signal);
      const tookMs = ({ sentMs, endMs }: ServerAnswer): number => endMs - sentMs;
      // A busy machine is slow without a reason: what an undisturbed request takes is the longer of two.
      const [beforeMs, afterMs] = [Math.max(tookMs(before), tookMs(later)), tookMs(after)];
      const facts = { undisturbed_ms: Math.round(beforeMs), after_ms: Math.round(afterMs) };
      const error = errorOf(after);
      if (error !== undefined)
        return refused(error, 'a request that is given up harms those after it', 'harm');
      if (long.end !== 'given-up')
        return { answer: 'cannot be told: the reply was over too soon', means: '', grade: 'unknown', facts };
      const shownMs = long.endMs - long.sentMs;
      const waits = afterMs > 5 * beforeMs && afterMs - beforeMs > 500 + shownMs;
      return waits
        ? {
            answer: `not at once: the next request took ${afterMs.toFixed(0)} ms, others ${beforeMs.toFixed(0)} ms`,
            means: 'requests that time out go on to load the server',
            grade: 'note',
            facts,
          }
        : { answer: 'yes', means: 'requests that time out do not slow the others', grade: 'fine', facts };
    },
  },
];

/** A longer prompt is not made only to be refused. */
const mostContext = 150_000;

/** The names of the field that bounds a reply, if it is not `max_tokens`. */
const fieldOfLength: Readonly<Partial<Record<string, string>>> = { 'openai-responses': 'max_output_tokens' };

/** How a request was refused; undefined if it was answered. */
function refusal(answer: ServerAnswer): ConformanceFinding | undefined {
  const error = errorOf(answer);
  const { status } = answer;
  const facts = { status };
  if (status >= 400)
    return {
      answer: `status ${status}: ${(error ?? '').replaceAll(/\s+/g, ' ').slice(0, 120)}`,
      means: 'it counts as failed, with the server’s words',
      grade: status < 500 ? 'fine' : 'note',
      facts,
    };
  if (error !== undefined)
    return {
      answer: `in the stream, under status ${status}: ${error.replaceAll(/\s+/g, ' ').slice(0, 100)}`,
      means: 'it counts as failed, with the server’s words',
      grade: 'note',
      facts,
    };
  if (choiceEvents(answer).some(showsOutput)) return undefined;
  return {
    answer: `by a reply without a token (status ${status})`,
    means: 'it counts as failed: an empty reply',
    grade: 'note',
    facts,
  };
}
