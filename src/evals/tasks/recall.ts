import { Random } from '../../load/random.ts';
import { defineTask, type EvalTask, type TaskOptions } from '../task.ts';
import { people } from './people.ts';

const defaultQuestions = 200;
const factCount = 4;
export const things: readonly string[] = [
  'umbrella',
  'violin',
  'lantern',
  'bicycle',
  'telescope',
  'hammer',
  'basket',
  'kite',
  'compass',
  'blanket',
  'teapot',
  'ladder',
];

/**
 * Looks up one fact among several in the prompt. Small models can do it, and it needs the whole context: a broken
 * attention or KV cache shows here before it shows in reasoning.
 */
export function recall({ limit = defaultQuestions, seed = 1 }: TaskOptions = {}): EvalTask {
  const [examples, random] = [new Random(2_000_003), new Random(seed)];
  const shown = Array.from({ length: 2 }, () => lookup(examples))
    .map(({ text, thing }) => `${text} ${thing}.\n\n`)
    .join('');
  return defineTask({
    name: 'recall',
    items: Array.from({ length: limit }, (_, index) => {
      const { text, thing } = lookup(random);
      return { id: String(index), prompt: `${shown}${text}`, reference: thing };
    }),
    maxTokens: 16,
    stop: ['\n\n'],
    metrics: [
      { name: 'em_flexible', score: (answer, thing) => Number(firstThing(answer) === thing) },
      { name: 'em_strict', score: (answer, thing) => Number(answer.trim().replace(/\.$/, '') === thing) },
    ],
  });
}

/** Facts about who has what, and a sentence about one of them that lacks its last word. */
function lookup(random: Random): { readonly text: string; readonly thing: string } {
  const facts = Array.from({ length: factCount }, (_, index) => ({
    owner: people[(random.integer(0, 2) + 3 * index) % people.length] ?? '',
    thing: things[(random.integer(0, 2) + 3 * index) % things.length] ?? '',
  }));
  const asked = facts[random.integer(0, factCount - 1)] ?? { owner: '', thing: '' };
  const sentences = facts.map(({ owner, thing }) => `${owner} has the ${thing}.`);
  return { text: `${sentences.join(' ')}\n${asked.owner} has the`, thing: asked.thing };
}

/** The thing that an answer names first. */
export function firstThing(answer: string): string | undefined {
  return new RegExp(things.join('|')).exec(answer.toLowerCase())?.[0];
}
