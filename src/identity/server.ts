import type { Values } from './entry.ts';
import { type RowIdentity, rowIdentity } from './row.ts';
import { fieldNamed, identityFields, type Line } from './spelling.ts';
import type { IdentityLine } from './table.ts';
import { configSchemaOf } from './values.ts';

interface UntoldField {
  readonly name: Line['name'];
  /** Its option, if it is not named as in configs. */
  readonly flag?: string;
  /** The help text of the option. */
  readonly about: string;
}

/** Facts about the tested server that the result of a load test does not contain, so that its owner must give them. */
const untold: readonly UntoldField[] = [
  { name: 'hw', flag: '--hardware', about: 'GPU of the server, such as h100, b200 or mi355x' },
  { name: 'framework', about: 'engine, such as vllm or sglang' },
  { name: 'image', about: 'image or version of the engine, such as vllm/vllm-openai:v0.11.0' },
  { name: 'precision', about: 'precision of the weights, such as fp8' },
  { name: 'tp', about: 'tensor parallelism; equals the number of GPUs unless --pp is above 1' },
  { name: 'modelPrefix', about: 'short name of the model, such as dsr1 (default: derived from its name)' },
  { name: 'ep', about: 'expert parallelism (default: 1)' },
  { name: 'dpAttention', about: 'use data-parallel attention' },
  { name: 'pp', about: 'pipeline parallelism (default: 1)' },
  { name: 'specDecoding', about: 'speculative decoding (default: none)' },
];

/** A fact about a server. */
export interface ServerFact {
  readonly line: IdentityLine;
  /** Its name in configs. */
  readonly name: string;
  readonly flag: string;
  readonly about: string;
  /** It has no default and cannot be derived from the model's name. */
  readonly required: boolean;
  /** Explains why a value is invalid; undefined if it is valid. */
  readonly problemOf: (value: unknown) => string | undefined;
}

/** Facts about a server by their names in configs. */
export type ServerFacts = Readonly<Record<string, string | number | boolean>>;

export const serverFacts: readonly ServerFact[] = untold.map(({ name, flag, about }) => {
  const { line, entry } = fieldNamed(name);
  const schema = configSchemaOf(line);
  return {
    line,
    name: entry,
    flag: flag ?? `--${entry}`,
    about,
    required: line.default === undefined && line.name !== 'modelPrefix',
    problemOf: (value) => schema.safeParse(value).error?.issues[0]?.message,
  };
});

/** What a load test knows itself, and the lengths that were requested. */
export interface TestedPoint {
  readonly model: string;
  readonly conc: number;
  readonly isl: number;
  readonly osl: number;
}

/** The identity of a point that was measured on a server with these facts. */
export function identityOfServer(facts: ServerFacts, { conc, ...tested }: TestedPoint): RowIdentity {
  const defaults = identityFields.flatMap(({ line, entry }): [string, unknown][] =>
    line.default === undefined ? [] : [[entry, line.default]],
  );
  const entry: Values = {
    ...Object.fromEntries(defaults),
    [fieldNamed('modelPrefix').entry]: prefixOf(tested.model),
    ...Object.fromEntries(serverFacts.flatMap(({ name, line }) => spelled(facts[name], name, line))),
    ...tested,
  };
  return rowIdentity({ entry, conc, hardware: String(facts[fieldNamed('hw').entry]).toLowerCase() });
}

/** Names that distinguish curves are in lower case everywhere. */
function spelled(value: unknown, name: string, { type, part }: IdentityLine): [string, unknown][] {
  if (value === undefined) return [];
  return [[name, type === 'text' && part !== 'none' ? String(value).toLowerCase() : value]];
}

/** `org/Llama-3.1-8B` and `/models/Llama-3.1-8B/` become `llama-3.1-8b`. */
function prefixOf(model: string): string {
  const last = model.split(/[/\\]/).findLast((part) => part !== '') ?? model;
  return last.toLowerCase();
}
