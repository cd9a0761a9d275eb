import type { Chain, Chains } from './chains.ts';
import { endOf } from './trace.ts';

/** A context below this, or below this share of the main chain's largest one, is small. */
const smallContextTokens = 16_384;
const smallContextShare = 0.1;
/** A reduction has a large input and a reply that is this much shorter. */
const longestReductionReply = 4000;
const leastReductionRatio = 20;
const leastGroupMembers = 3;

/** Each of the other chains with the suffix of its id, such as `fa:003` or `wg:000_001`. */
export function namedChains({
  main,
  others,
}: Chains): readonly { readonly chain: Chain; readonly suffix: string }[] {
  const groups = workerGroups(others);
  return others.map((chain, number) => {
    const single = singleKind(chain, main);
    if (single !== undefined) return { chain, suffix: `${single}:${padded(number)}` };
    const member = groups.get(chain);
    return member === undefined
      ? { chain, suffix: `fa:${padded(number)}` }
      : { chain, suffix: `wg:${padded(member.group)}_${padded(member.member)}` };
  });
}

function padded(number: number): string {
  return String(number).padStart(3, '0');
}

/** The kind of a chain that is a single request beside the agent's own work. */
function singleKind({ requests }: Chain, main: Chain): 'aux' | 'aux:red' | undefined {
  const [first] = requests;
  if (first === undefined || requests.length > 1) return undefined;
  const { model, in: input, out } = first.request;
  const largest = Math.max(0, ...main.requests.map(({ request }) => request.in));
  const isSmall = input < Math.max(smallContextTokens, Math.floor(smallContextShare * largest));
  if (isSmall || model !== main.requests[0]?.request.model) return 'aux';
  const isReduction =
    out > 0 &&
    out < longestReductionReply &&
    input >= smallContextTokens &&
    input > leastReductionRatio * out;
  return isReduction ? 'aux:red' : undefined;
}

interface GroupMember {
  readonly chain: Chain;
  readonly startS: number;
  readonly endS: number;
  readonly index: number;
}

/** Chains that left the same request and ran at the same time, at least three of them. */
function workerGroups(
  chains: readonly Chain[],
): ReadonlyMap<Chain, { readonly group: number; readonly member: number }> {
  const byFork = Map.groupBy(
    chains.flatMap((chain) => {
      const [first] = chain.requests;
      const { fork } = chain;
      if (first === undefined || fork?.tail === undefined || fork.depth === 0) return [];
      const endS = Math.max(...chain.requests.map(({ request }) => endOf(request)));
      return [
        { chain, startS: first.request.t, endS, index: first.index, key: `${fork.parent} ${fork.tail}` },
      ];
    }),
    ({ key }) => key,
  );
  const groups = [...byFork.values()]
    .flatMap(overlapping)
    .filter(({ length }) => length >= leastGroupMembers)
    .toSorted(([a], [b]) => (a === undefined || b === undefined ? 0 : inOrder(a, b)));
  return new Map(
    groups.flatMap((members, group) =>
      members.map(({ chain }, member) => [chain, { group, member }] as const),
    ),
  );
}

/** Divides members into sets that overlap in time, directly or through others. Intervals that only touch do not overlap. */
function overlapping(members: readonly GroupMember[]): readonly (readonly GroupMember[])[] {
  const sets: GroupMember[][] = [];
  let reachS = Number.NEGATIVE_INFINITY;
  for (const member of members.toSorted(inOrder)) {
    const last = sets.at(-1);
    if (last === undefined || member.startS >= reachS) sets.push([member]);
    else last.push(member);
    reachS = Math.max(reachS, member.endS);
  }
  return sets;
}

function inOrder(a: GroupMember, b: GroupMember): number {
  return a.startS - b.startS || a.index - b.index;
}
