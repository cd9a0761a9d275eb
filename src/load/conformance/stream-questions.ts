import { choiceEvents, errorOf, finishes, lastCount, type ServerAnswer, showsOutput } from './answer.ts';
import { contextOf } from './length-questions.ts';
import { type ConformanceFinding, type ConformanceQuestion, refused } from './question.ts';

/** How replies start, end, fail and are cancelled. */
export const streamQuestions: readonly ConformanceQuestion[] = [
  {
    name: 'stream',
    text: 'Does it stream, and with which content type?',
    async ask(examinee, signal) {
      const answer = await examinee.ask({ outputTokens: 24 }, signal);
      const error = errorOf(answer);
      if (error !== undefined) return refused(error, 'no measurement is possible', 'harm');
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
          means: 'no measurement is possible',
          grade: 'harm',
          facts,
        };
      if (chunks.length === 1)
        return {
          answer: `no: everything arrives at once (${type})`,
          means: 'there is no TTFT and no ITL',
          grade: 'harm',
          facts,
        };
      if (packing !== undefined && packing !== 'identity')
        return {
          answer: `yes, compressed with ${packing} although not requested`,
          means: 'gzip is decompressed; compression may delay tokens',
          grade: 'note',
          facts,
        };
      const isUsual = /^text\/event-stream/i.test(type);
      return {
        answer: `yes, ${type}`,
        means: isUsual ? 'read as usual' : 'read anyway, with a note',
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
      if (error !== undefined) return refused(error, 'no measurement is possible', 'harm');
      const done = answer.events.findIndex(({ data }) => data.trim() === '[DONE]');
      const isLast = answer.events.some(({ reading }) => reading?.isLast === true);
      const [finish] = finishes(answer).values();
      const facts = { done: done !== -1, finish: finish ?? null, body: answer.end };
      const marks = [
        ...(finish === undefined ? [] : [`finish reason ${finish}`]),
        ...(done === -1 ? [] : ['[DONE]']),
        ...(isLast ? ["its protocol's last event"] : []),
        answer.end === 'whole' ? 'the end of the body' : 'a truncated body',
      ];
      const late = done === -1 ? 0 : answer.events.length - done - 1;
      const answerText = `${marks.join(', ')}${late > 0 ? `, and ${late} events after [DONE]` : ''}`;
      if (finish === undefined && done === -1 && !isLast)
        return {
          answer: answerText,
          means: 'a truncated reply cannot be distinguished from a complete one',
          grade: 'harm',
          facts,
        };
      return {
        answer: answerText,
        means: 'truncated replies are detected',
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
            means: 'TTFT includes connection setup, except for the first reply of each stream',
            grade: 'note',
            facts,
          };
    },
  },
  {
    name: 'unstreamed',
    text: 'Does it answer without streaming, and with a token count?',
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
          answer: 'no: it streams anyway',
          means: 'only streams can be measured',
          grade: 'note',
        };
      const counts =
        typeof answer.json === 'object' && answer.json !== null
          ? examinee.backend.read(answer.json, { answer: () => '', completionTokens: 0 }, '').counts
          : undefined;
      return {
        answer: counts?.completionTokens === undefined ? 'yes, without a count' : 'yes, with a count',
        means: 'replies can be requested without streaming; they have no TTFT',
        grade: 'fine',
        facts: { output_tokens: counts?.completionTokens ?? null },
      };
    },
  },
  {
    name: 'too-long',
    text: 'How is a prompt that is too long rejected?',
    async ask(examinee, signal) {
      const context = await contextOf(examinee, signal);
      if (context !== undefined && context > mostContext)
        return {
          answer: `not asked: its context length is ${context} tokens`,
          means: 'stay within this limit',
          grade: 'unknown',
          facts: { context },
        };
      const sent = 2 * (context ?? mostContext) + 1000;
      const answer = await examinee.ask({ prompt: examinee.words(sent), outputTokens: 4 }, signal);
      const finding = refusal(answer);
      if (finding !== undefined) return finding;
      const counted = lastCount(answer, 'promptTokens');
      return {
        answer: `it is not${counted === undefined ? '' : `: ${counted} of about ${sent} tokens are accepted`}`,
        means: 'prompts may be truncated silently: compare the input tokens with those that were sent',
        grade: counted === undefined || counted < sent / 2 ? 'harm' : 'note',
        facts: { sent_words: sent, counted: counted ?? null },
      };
    },
  },
  {
    name: 'bad-field',
    text: 'How is a field of the wrong type rejected?',
    appliesTo: ({ settings }) =>
      !['tensorrt-llm', 'sglang', 'ollama', 'ollama-chat'].includes(settings.backend),
    async ask(examinee, signal) {
      const field = fieldOfLength[examinee.settings.backend] ?? 'max_tokens';
      const answer = await examinee.ask({ outputTokens: 4, fields: { [field]: 'many' } }, signal);
      return (
        refusal(answer) ?? {
          answer: `it is not: ${field} "many" is accepted`,
          means: 'a wrong option may be ignored silently: check that lengths are as requested',
          grade: 'note',
        }
      );
    },
  },
  {
    name: 'unknown-field',
    text: 'Is an unknown field rejected?',
    async ask(examinee, signal) {
      const answer = await examinee.ask({ outputTokens: 4, fields: { a_field_nobody_knows: 1 } }, signal);
      const finding = refusal(answer);
      if (finding === undefined)
        return {
          answer: 'no, it is ignored',
          means: 'an unknown option in --extra-body is silently ignored',
          grade: 'note',
        };
      return { ...finding, means: 'unknown options are reported', grade: 'fine' };
    },
  },
  {
    name: 'given-up',
    text: 'Is its capacity free again after a client disconnects?',
    async ask(examinee, signal) {
      const short = { outputTokens: 4 };
      const before = await examinee.ask(short, signal);
      const long = await examinee.ask({ outputTokens: 400, giveUpAfter: 2 }, signal);
      const after = await examinee.ask(short, signal);
      const later = await examinee.ask(short, signal);
      const tookMs = ({ sentMs, endMs }: ServerAnswer): number => endMs - sentMs;
      // A busy machine can be slow for no reason, so the slower of two undisturbed requests counts.
      const [beforeMs, afterMs] = [Math.max(tookMs(before), tookMs(later)), tookMs(after)];
      const facts = { undisturbed_ms: Math.round(beforeMs), after_ms: Math.round(afterMs) };
      const error = errorOf(after);
      if (error !== undefined) return refused(error, 'a cancelled request harms later ones', 'harm');
      if (long.end !== 'given-up')
        return { answer: 'unclear: the reply ended too soon', means: '', grade: 'unknown', facts };
      const shownMs = long.endMs - long.sentMs;
      const waits = afterMs > 5 * beforeMs && afterMs - beforeMs > 500 + shownMs;
      return waits
        ? {
            answer: `not at once: the next request took ${afterMs.toFixed(0)} ms, others ${beforeMs.toFixed(0)} ms`,
            means: 'requests that time out keep loading the server',
            grade: 'note',
            facts,
          }
        : { answer: 'yes', means: 'requests that time out do not slow down others', grade: 'fine', facts };
    },
  },
];

/** Limits the length of a prompt that is sent only to be rejected. */
const mostContext = 150_000;

/** The field that limits the length of a reply, if it is not `max_tokens`. */
const fieldOfLength: Readonly<Partial<Record<string, string>>> = { 'openai-responses': 'max_output_tokens' };

/** How a request was rejected; undefined if it succeeded. */
function refusal(answer: ServerAnswer): ConformanceFinding | undefined {
  const error = errorOf(answer);
  const { status } = answer;
  const facts = { status };
  if (status >= 400)
    return {
      answer: `status ${status}: ${(error ?? '').replaceAll(/\s+/g, ' ').slice(0, 120)}`,
      means: 'it counts as failed, with the server’s message',
      grade: status < 500 ? 'fine' : 'note',
      facts,
    };
  if (error !== undefined)
    return {
      answer: `in the stream, with status ${status}: ${error.replaceAll(/\s+/g, ' ').slice(0, 100)}`,
      means: 'it counts as failed, with the server’s message',
      grade: 'note',
      facts,
    };
  if (choiceEvents(answer).some(showsOutput)) return undefined;
  return {
    answer: `by a reply without tokens (status ${status})`,
    means: 'it counts as failed: an empty reply',
    grade: 'note',
    facts,
  };
}
