import { Random } from '../../load/random.ts';
import { defineTask, type EvalTask, type TaskOptions } from '../task.ts';
import { firstThing, things } from './recall.ts';

const defaultQuestions = 50;
const defaultTokens = 1024;
/** A line such as `Locker 417 holds the violin.` in most tokenizers. */
const tokensPerLine = 9;
const fewestLines = 4;
const lockers = { low: 1000, high: 9999 };

/**
 * Looks up one line among as many as fill the context: recall over a prompt of the benchmark's own length. The line is
 * anywhere in the prompt, and no two prompts begin alike, so that no prefix cache has one.
 */
export function longRecall({
  limit = defaultQuestions,
  seed = 1,
  inputTokens = defaultTokens,
}: TaskOptions = {}): EvalTask {
  const random = new Random(seed);
  return defineTask({
    name: 'long_recall',
    items: Array.from({ length: limit }, (_, index) => ({
      id: String(index),
      ...lookup(random, inputTokens),
    })),
    maxTokens: 16,
    stop: ['\n'],
    metrics: [
      { name: 'em_flexible', score: (answer, thing) => Number(firstThing(answer) === thing) },
      { name: 'em_strict', score: (answer, thing) => Number(answer.trim().replace(/\.$/, '') === thing) },
    ],
  });
}

function lookup(
  random: Random,
  inputTokens: number,
): { readonly prompt: string; readonly reference: string } {
  const count = Math.max(fewestLines, Math.floor(inputTokens / tokensPerLine) - 1);
  const numbers = new Set<number>();
  const most = lockers.high - lockers.low;
  while (numbers.size < Math.min(count, most)) numbers.add(random.integer(lockers.low, lockers.high));
  const lines = [...numbers].map((locker) => ({
    locker,
    thing: things[random.integer(0, things.length - 1)] ?? '',
  }));
  const asked = lines[random.integer(0, lines.length - 1)];
  if (asked === undefined) throw new Error('a prompt has no line to ask about');
  const text = lines.map(({ locker, thing }) => `Locker ${locker} holds the ${thing}.`).join('\n');
  return { prompt: `${text}\nLocker ${asked.locker} holds the`, reference: asked.thing };
}
