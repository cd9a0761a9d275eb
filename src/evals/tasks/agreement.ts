import { Random } from '../../load/random.ts';
import { defineTask, type EvalTask, type TaskOptions } from '../task.ts';

const defaultPrompts = 32;

/** Answers of the reference engine by item id. */
export type ReferenceAnswers = ReadonlyMap<string, string>;

const subjects = [
  'a lighthouse',
  'the first bicycle',
  'a river in spring',
  'how bread rises',
  'a chess game',
  'the night sky',
  'an old library',
  'why leaves fall',
  'a mountain railway',
  'a market at noon',
];
const manners = ['Explain', 'Write about', 'Describe', 'Tell a short story about', 'List three facts about'];
const readers = ['a child', 'an engineer', 'a traveller', 'a new colleague', 'a gardener'];

/**
 * Measures how far greedy answers agree with those of a reference: another engine, or the same one at a higher
 * precision. Without reference answers, the answers become the reference for other engines.
 */
export function agreement(
  { limit = defaultPrompts, seed = 1 }: TaskOptions = {},
  reference: ReferenceAnswers = new Map(),
): EvalTask {
  const random = new Random(seed);
  const one = (of: readonly string[]) => of[random.integer(0, of.length - 1)];
  const asked = defineTask({
    name: 'agreement',
    items: Array.from({ length: limit }, (_, index) => ({
      id: String(index),
      prompt: `${one(manners)} ${one(subjects)} for ${one(readers)}, in paragraph ${index + 1} of a book.\n\nTo begin with,`,
      reference: undefined,
    })),
    maxTokens: 24,
    stop: [],
    // After one near tie between two tokens, greedy answers diverge permanently, so only nonsense fails.
    expected: { score: 1, tolerance: 0.75 },
    metrics: [
      { name: 'common_prefix', score: commonPrefix },
      { name: 'exact', score: (answer, expected) => Number(answer === expected) },
    ],
  });
  return { ...asked, items: asked.items.map((item) => ({ ...item, reference: reference.get(item.id) })) };
}

/** The share of the longer text's words before the first word that differs. */
function commonPrefix(answer: string, reference: string): number {
  const [a, b] = [answer.split(/(?=\s)/), reference.split(/(?=\s)/)];
  const length = Math.max(a.length, b.length);
  const differs = Array.from({ length }, (_, index) => a[index] !== b[index]).indexOf(true);
  return differs === -1 ? 1 : differs / length;
}
