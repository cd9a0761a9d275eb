import type { DatasetOptions, MadeDataset } from '../options.ts';
import { type ChatMessage, contentText, type GivenPrompt } from '../texts.ts';
import { PromptCollector } from './collect.ts';
import { contextLimitOf } from './context-limit.ts';
import { fieldsOf, roughTokens, systemPromptOf, wrongRow } from './fields.ts';
import { type FileRecord, recordsOf } from './records.ts';
import type { DatasetFile } from './text-file.ts';

/** The names of a conversation's list of turns in various files. */
const listNames = ['conversations', 'conversation', 'messages', 'items', 'turns', 'data'] as const;

type Speaker = 'human' | 'model' | 'system' | 'other';

/** The names of speakers in various files. */
const speakers: Readonly<Record<string, Speaker>> = {
  human: 'human',
  user: 'human',
  prompter: 'human',
  gpt: 'model',
  assistant: 'model',
  model: 'model',
  bot: 'model',
  chatgpt: 'model',
  bing: 'model',
  bard: 'model',
  system: 'system',
};

/** The names of a question and its answer where one object has both. */
const pairNames = [
  ['human', 'assistant'],
  ['user', 'assistant'],
  ['human', 'gpt'],
  ['user', 'bot'],
] as const;

interface Turn {
  readonly speaker: Speaker;
  readonly text: string;
}

const withoutTurns = 'without turns';
const wanted =
  'a conversation such as {"conversations": [{"from": "human", "value": "…"}, {"from": "gpt", "value": "…"}]}';
const defaultThinkTimeS = 1;

/**
 * Reads ShareGPT conversations: the first human turn is the prompt, and the reply to it determines the number of
 * tokens. With `multiTurn`, each human turn is a request of chat messages that includes all previous turns. Throws
 * LoadError.
 */
export async function readShareGpt(file: DatasetFile, options: DatasetOptions): Promise<MadeDataset> {
  const collector = new PromptCollector(file.file, options, await contextLimitOf(options));
  const outputTokens = options.sharegptOutputLen ?? options.outputLen;
  const promptsOf =
    options.multiTurn === true
      ? (turns: readonly Turn[]) => allTurns(turns, outputTokens, options.thinkTime ?? defaultThinkTimeS)
      : (turns: readonly Turn[]) => firstTurn(turns, outputTokens);
  const isRow = (element: unknown): boolean => turnsOf(element) !== undefined;
  for await (const row of recordsOf(file, { isRow })) {
    const turns = turnsIn(row, file.file);
    const found = turns === undefined ? withoutTurns : promptsOf(turns);
    if (turns?.some(({ speaker }) => speaker === 'other') === true)
      collector.remark('have turns of other speakers, such as tools, which are not sent');
    if (options.multiTurn !== true && turns?.some(({ speaker }) => speaker === 'system') === true)
      collector.remark('have a system prompt, which is sent only with --multi-turn');
    if (typeof found === 'string') collector.skip(row, found);
    else collector.take(found);
  }
  const wrong = collector.allSkipped(withoutTurns);
  if (wrong !== undefined)
    throw wrongRow({ file: file.file, line: wrong.line }, wrong.value, wanted, 'sharegpt');
  return collector.made();
}

/** The turns of a row, after the system prompt that some files have next to them. */
function turnsIn({ value, line }: FileRecord, file: string): readonly Turn[] | undefined {
  const turns = turnsOf(value);
  const system = systemPromptOf(fieldsOf(value) ?? {}, { file, line });
  if (turns === undefined || system === undefined) return turns;
  return turns[0]?.speaker === 'system' ? turns : [{ speaker: 'system', text: system }, ...turns];
}

/** The turns of a row under any of the usual names; undefined if there is no such list, or it is empty. */
function turnsOf(row: unknown): readonly Turn[] | undefined {
  const fields = fieldsOf(row);
  const lists: unknown[] = fields === undefined ? [row] : listNames.map((name) => fields[name]);
  const list = lists.find((value): value is unknown[] => Array.isArray(value) && value.some(isTurn));
  if (list === undefined) return undefined;
  const named = list
    .flatMap(separateTurns)
    .map((turn) => ({ who: turn.from ?? turn.role ?? turn.speaker, turn }));
  const isNamed = named.some(({ who }) => typeof who === 'string');
  return named.map(({ who, turn }, index) => ({
    // Without names, speakers alternate.
    speaker: isNamed ? speakerOf(who) : index % 2 === 0 ? 'human' : 'model',
    text: contentText(turn.value ?? turn.content ?? turn.text),
  }));
}

/** A turn as an object; a question and its answer in one object are two turns, and a text is a turn without a name. */
function separateTurns(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (typeof value === 'string') return [{ text: value }];
  const fields = fieldsOf(value) ?? {};
  const pair = pairIn(fields);
  return pair === undefined ? [fields] : pair.map((name) => ({ from: name, value: fields[name] }));
}

function pairIn(fields: Readonly<Record<string, unknown>>): (typeof pairNames)[number] | undefined {
  return pairNames.find((pair) => pair.every((name) => typeof fields[name] === 'string'));
}

function isTurn(value: unknown): boolean {
  if (typeof value === 'string') return true;
  const fields = fieldsOf(value);
  if (fields === undefined) return false;
  return (
    ['value', 'content', 'text'].some((name) => Object.hasOwn(fields, name)) || pairIn(fields) !== undefined
  );
}

function speakerOf(who: unknown): Speaker {
  return (typeof who === 'string' ? speakers[who.trim().toLowerCase()] : undefined) ?? 'other';
}

/** The first question with the length of its answer, or the reason why there is none. */
function firstTurn(turns: readonly Turn[], asked: number | undefined): readonly GivenPrompt[] | string {
  const at = turns.findIndex(({ speaker }) => speaker === 'human');
  const question = turns[at];
  if (question === undefined) return 'without a human turn';
  if (question.text.trim() === '') return 'with an empty human turn first';
  const answer = answerAfter(turns, at);
  if (answer === undefined) return 'without a reply to the first human turn';
  return [{ text: question.text, outputTokens: asked ?? roughTokens(answer.text) }];
}

/** The model's text between a human turn and the next one. */
function answerAfter(turns: readonly Turn[], at: number): Turn | undefined {
  const rest = turns.slice(at + 1);
  const next = rest.findIndex(({ speaker }) => speaker === 'human');
  return (next === -1 ? rest : rest.slice(0, next)).find(
    ({ speaker, text }) => speaker === 'model' && text.trim() !== '',
  );
}

const chatRoles = { human: 'user', model: 'assistant', system: 'system' } as const;

/** Each question with all previous turns, up to the first question without an answer. */
function allTurns(
  turns: readonly Turn[],
  asked: number | undefined,
  thinkTimeS: number,
): readonly GivenPrompt[] | string {
  const why = firstTurn(turns, asked);
  if (typeof why === 'string') return why;
  const start = turns.findIndex(({ speaker }) => speaker === 'human');
  const said: ChatMessage[] = [];
  const say = ({ speaker, text }: Turn): void => {
    if (speaker !== 'other' && text !== '') said.push({ role: chatRoles[speaker], content: text });
  };
  for (const turn of turns.slice(0, start)) if (turn.speaker === 'system') say(turn);
  const prompts: GivenPrompt[] = [];
  for (
    let at = start;
    at !== -1;
    at = turns.findIndex(({ speaker }, next) => next > at && speaker === 'human')
  ) {
    const question = turns[at];
    const answer = answerAfter(turns, at);
    if (question === undefined || question.text.trim() === '' || answer === undefined) break;
    say(question);
    prompts.push({
      messages: [...said],
      outputTokens: asked ?? roughTokens(answer.text),
      pauseBeforeMs: prompts.length === 0 ? undefined : 1000 * thinkTimeS,
    });
    say(answer);
  }
  return prompts;
}
