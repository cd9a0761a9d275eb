import { InvalidArgumentError, Option } from 'commander';
import { InputError } from '../errors.ts';
import { type ServerFact, type ServerFacts, serverFacts } from '../identity/index.ts';
import { positiveInteger } from './options.ts';

/** Creates the option for a fact about a server. Call it per command, because commander stores state in options. */
export function factOption({ line, flag, about, problemOf }: ServerFact): Option {
  if (line.type === 'flag' || line.type === 'spelled-flag') return new Option(flag, about);
  const option = new Option(`${flag} <${line.type === 'count' ? 'n' : 'name'}>`, about);
  if (line.values !== undefined) return option.choices(line.values);
  if (line.type === 'count') return option.argParser(positiveInteger);
  return option.argParser((text) => {
    const problem = problemOf(text);
    if (problem !== undefined) throw new InvalidArgumentError(problem);
    return text;
  });
}

/** The facts given to a command, by their names in configs. */
export function factsGiven(options: object): ServerFacts {
  const values = new Map<string, unknown>(Object.entries(options));
  return Object.fromEntries(
    serverFacts.flatMap((fact): [string, string | number | boolean][] => {
      const value = values.get(factOption(fact).attributeName());
      return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? [[fact.name, value]]
        : [];
    }),
  );
}

/** The facts that publishing requires and that are not known. */
export function missingFacts(facts: ServerFacts): readonly ServerFact[] {
  return serverFacts.filter(({ name, required }) => required && facts[name] === undefined);
}

/** Checks that all required facts are known. Throws InputError naming the option of every missing fact. */
export function requireFacts(facts: ServerFacts, purpose: string): void {
  const missing = missingFacts(facts);
  if (missing.length === 0) return;
  throw new InputError(
    `${purpose} also needs ${missing.map(({ flag }) => flag).join(', ')}: the server does not report it`,
    'for example --hardware h100 --framework vllm --image vllm/vllm-openai:v0.11.0 --precision fp8 --tp 8',
    { code: 'missing-option' },
  );
}

/** `h100, vllm, tp 8`: the facts in the order of their options. */
export function factsInWords(facts: ServerFacts): string {
  return serverFacts
    .flatMap(({ name, line }) => {
      const value = facts[name];
      if (value === undefined || value === false) return [];
      if (value === true) return [line.label];
      return [typeof value === 'number' ? `${name} ${value}` : value];
    })
    .join(', ');
}
