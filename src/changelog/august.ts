import { august as contract } from '../config/index.ts';
import { InputError } from '../errors.ts';
import type { Scenario } from '../identity/index.ts';
import {
  type EvalSelection,
  type GeneratedEntry,
  generatorFor,
  isMultiNode,
  testConfigDecisions,
} from '../matrix/index.ts';
import { type AppendScope, gainedPoints, scopeFault } from './append-only.ts';
import type { LocatedEntry } from './changelog-file.ts';
import type { Additions, AskedKeys, ChangelogContract, Configured, Sides } from './contract.ts';
import { augustEntrySchema, type ChangelogEntry } from './entry.ts';
import { published, publishedMatrix } from './published-matrix.ts';
import { type ChangelogRequest, type KeysOfEntry, requestsOf } from './requests.ts';
import { trimmed } from './trim.ts';

/** Throughput and accuracy checks are decided separately, and each scenario by itself (contract F4). */
export const augustChangelog: ChangelogContract = {
  name: contract.name,
  reading: { yaml: contract.yaml, equalKeys: 'last-wins' },
  entry: augustEntrySchema,
  linesStay: true,
  asked: (additions) => {
    const requests = requestsOf(additions.added, checkedModifiers(additions));
    const of = (one: KeysOfEntry, what: 'throughput' | 'evals') => [
      ...new Set(requests.filter(({ located }) => located === one).flatMap((request) => request[what])),
    ];
    return additions.added.map(
      (one): AskedKeys => ({ ...one, throughput: of(one, 'throughput'), evals: of(one, 'evals') }),
    );
  },
  rerun: async (additions, sides) => {
    const requests = requestsOf(additions.added, checkedModifiers(additions));
    const points = await throughputOf(requests, additions, sides);
    const checks = requests.flatMap((request) => checksOf(request, sides.head));
    const { base, head } = additions.refs;
    return publishedMatrix(points, checks, {
      base_ref: base,
      head_ref: head,
      entries: additions.added.map(({ entry }) => publishedEntry(entry)),
    });
  },
  measured: async (additions, sides) => {
    const requests = requestsOf(additions.added, checkedModifiers(additions));
    return (await throughputOf(requests, additions, sides)).map(published);
  },
};

/** Throws InputError where appended points and whole curves share a sweep, or answers are to be checked of the former. */
function checkedModifiers({ added, modifiers }: Additions): Additions['modifiers'] {
  const appending = added.filter(isAppending);
  const [first] = appending;
  if (first === undefined) return modifiers;
  const regular = added.find((one) => !isAppending(one));
  if (regular !== undefined)
    throw refused(regular, {
      message: `this entry is measured whole, and the one at line ${first.line} is append-only; one sweep is the one or the other`,
      hint: 'put them into two changes',
    });
  if (modifiers.allEvals === true || modifiers.evalsOnly === true)
    throw refused(first, {
      message: `append-only checks no answers, so it cannot be combined with ${modifiers.allEvals ? '--all-evals' : '--evals-only'}`,
      hint: 'leave the option out',
    });
  return modifiers;
}

function isAppending({ entry }: LocatedEntry): boolean {
  return entry['append-only'] === true;
}

async function throughputOf(
  requests: readonly ChangelogRequest[],
  { added, modifiers }: Additions,
  sides: Sides,
): Promise<GeneratedEntry[]> {
  const points = added.some(isAppending)
    ? await appended(requests, added, sides)
    : requests.flatMap(({ throughput, scenario }) => entriesOf(sides.head, throughput, [scenario]));
  return modifiers.trimConc === true ? trimmed(points) : points;
}

/** What the configs have gained, entry by entry. */
async function appended(
  requests: readonly ChangelogRequest[],
  added: readonly KeysOfEntry[],
  { head, base: before }: Sides,
): Promise<GeneratedEntry[]> {
  const base = await before();
  const [first] = added;
  if (first === undefined) return [];
  refuseOtherContract(first, base);
  const fault = scopeFault(base.configs, head.configs, scopeOf(requests));
  if (fault !== undefined) throw refused(first, fault);
  return added.flatMap((one) => {
    const own = requests.filter(({ located, throughput }) => located === one && throughput.length > 0);
    if (own.length === 0) return [];
    const matrix = (side: Configured) =>
      own.flatMap(({ throughput, scenario }) => entriesOf(side, throughput, [scenario]));
    const gained = gainedPoints(matrix(base), matrix(head));
    if ('fault' in gained) throw refused(one, gained.fault);
    return [...gained.entries];
  });
}

function refuseOtherContract(entry: LocatedEntry, base: Configured): void {
  const { name } = generatorFor(base.configs, base.pools).contract;
  if (name === contract.name || base.configs.size === 0) return;
  throw refused(entry, {
    message: `append-only compares with the configs before the change, and those have the ${name} format`,
    hint: 'leave it out until the configs on both sides have the same format',
  });
}

function scopeOf(requests: readonly ChangelogRequest[]): AppendScope {
  const scope = new Map<string, Set<Scenario>>();
  for (const { throughput, scenario } of requests)
    for (const key of throughput) scope.set(key, new Set([...(scope.get(key) ?? []), scenario]));
  return scope;
}

/** The checks of answers that an entry requests. */
function checksOf(
  { evals: keys, scenario, located, allEvals }: ChangelogRequest,
  head: Configured,
): GeneratedEntry[] {
  const least = located.entry['eval-min-prefill-ep'];
  return entriesOf(head, keys, [scenario], { only: true, all: allEvals }).filter(
    (entry) => least === undefined || !isMultiNode(entry) || entry.prefill.ep >= least,
  );
}

function entriesOf(
  { configs, pools }: Configured,
  keys: readonly string[],
  scenarios: readonly Scenario[],
  evals?: EvalSelection,
): GeneratedEntry[] {
  if (keys.length === 0) return [];
  const filters = evals === undefined ? { scenarios } : { scenarios, evals };
  return testConfigDecisions(configs, keys, pools, filters).flatMap(({ entries }) => entries);
}

/** An entry with every field that the public tool prints of it. */
function publishedEntry(entry: ChangelogEntry): ChangelogEntry {
  const { 'config-keys': keys, description, 'pr-link': link = '', ...rest } = entry;
  return {
    'config-keys': keys,
    description,
    'pr-link': link,
    'evals-only': false,
    'all-evals': false,
    'append-only': false,
    ...rest,
  };
}

function refused({ file, line }: LocatedEntry, fault: { readonly message: string; readonly hint?: string }) {
  return new InputError([{ file, line, ...fault }], undefined, { code: 'bad-changelog' });
}
