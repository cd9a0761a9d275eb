import { Random } from '../../load/random.ts';
import { defineTask, type EvalTask, type TaskOptions } from '../task.ts';
import { gsm8kItems, gsm8kMetrics, gsm8kStop, type WorkedQuestion } from './gsm8k-rules.ts';
import { people } from './people.ts';

const defaultQuestions = 200;

const goods = [
  'apples',
  'pencils',
  'tickets',
  'stamps',
  'candles',
  'marbles',
  'notebooks',
  'lemons',
  'postcards',
];

/** A kind of word problem: draws its numbers and computes the solution. */
type Story = (pick: Picker) => WorkedQuestion;

interface Picker {
  readonly name: string;
  readonly goods: string;
  number(low: number, high: number): number;
}

/** Problems of two or three steps over whole numbers; every answer is a whole number above 0. */
const stories: readonly Story[] = [
  ({ name, goods: things, number }) => {
    const [boxes, each, given] = [number(2, 9), number(3, 12), number(1, 5)];
    const all = boxes * each;
    return {
      question: `${name} buys ${boxes} boxes with ${each} ${things} in each box and gives ${given} ${things} away. How many ${things} does ${name} have left?`,
      answer: `${name} buys ${boxes} * ${each} = ${all} ${things}. After giving ${given} away, ${all} - ${given} = ${all - given} are left.\n#### ${all - given}`,
    };
  },
  ({ name, goods: things, number }) => {
    const [price, count, change] = [number(2, 9), number(3, 9), number(1, 20)];
    const cost = price * count;
    return {
      question: `${name} pays for ${count} ${things} at ${price} dollars each and gets ${change} dollars back. How many dollars did ${name} hand over?`,
      answer: `The ${things} cost ${count} * ${price} = ${cost} dollars. With the change, ${name} handed over ${cost} + ${change} = ${cost + change} dollars.\n#### ${cost + change}`,
    };
  },
  ({ name, goods: things, number }) => {
    const [first, more, days] = [number(5, 30), number(2, 9), number(2, 6)];
    const added = more * days;
    return {
      question: `${name} has ${first} ${things} and finds ${more} more each day for ${days} days. How many ${things} does ${name} have then?`,
      answer: `In ${days} days ${name} finds ${days} * ${more} = ${added} ${things}. Together that is ${first} + ${added} = ${first + added}.\n#### ${first + added}`,
    };
  },
  ({ name, goods: things, number }) => {
    const [friends, each, kept] = [number(2, 8), number(2, 9), number(3, 15)];
    const shared = friends * each;
    return {
      question: `${name} had ${shared + kept} ${things}, kept ${kept} and shared the rest equally among ${friends} friends. How many ${things} did each friend get?`,
      answer: `${name} shared ${shared + kept} - ${kept} = ${shared} ${things}. Each friend got ${shared} / ${friends} = ${each}.\n#### ${each}`,
    };
  },
  ({ name, goods: things, number }) => {
    const [morning, factor, sold] = [number(4, 20), number(2, 4), number(1, 4)];
    const afternoon = morning * factor;
    return {
      question: `${name} packs ${morning} ${things} in the morning and ${factor} times as many in the afternoon. Then ${sold} are sold. How many packed ${things} remain?`,
      answer: `In the afternoon ${name} packs ${factor} * ${morning} = ${afternoon} ${things}. The day's total is ${morning} + ${afternoon} = ${morning + afternoon}. After ${sold} are sold, ${morning + afternoon} - ${sold} = ${morning + afternoon - sold} remain.\n#### ${morning + afternoon - sold}`,
    };
  },
];

/**
 * Word problems in the style of GSM8K, generated from a seed: no data set is needed, and no model can have memorised
 * them.
 */
export function arithmetic({ limit = defaultQuestions, seed = 1 }: TaskOptions = {}): EvalTask {
  return defineTask({
    name: 'arithmetic',
    items: gsm8kItems(wordProblems(seed, limit), workedExamples(4)),
    maxTokens: 256,
    stop: gsm8kStop,
    metrics: gsm8kMetrics,
  });
}

/** Examples with solutions to show before a question, drawn with a seed that questions do not use by default. */
export function workedExamples(count: number): WorkedQuestion[] {
  return wordProblems(2_000_003, count);
}

function wordProblems(seed: number, count: number): WorkedQuestion[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, index) => {
    const story = stories[index % stories.length] ?? unreachable();
    const one = <T>(of: readonly T[]): T => of[random.integer(0, of.length - 1)] ?? unreachable();
    return story({ name: one(people), goods: one(goods), number: (low, high) => random.integer(low, high) });
  });
}

function unreachable(): never {
  throw new Error('an empty list has nothing to pick from');
}
