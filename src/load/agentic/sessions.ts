import { type FilePlace, wrongFile } from '../datasets/files/problem.ts';
import { namedChains } from './chain-kinds.ts';
import { type Chain, chainsOf, type PlacedRequest } from './chains.ts';
import { endedBefore, type RecordedTurn, type TurnRef } from './interval-order.ts';
import { type AgentMessage, messagesOf, PrefixNotRecorded } from './messages.ts';
import { servedModels } from './served-models.ts';
import {
  type AgentTrace,
  commonPrefix,
  endOf,
  isSubagent,
  type TraceRequest,
  type TraceSubagent,
} from './trace.ts';
import { unlimitedHits } from './unlimited-hits.ts';

/** One request of a conversation, with everything that is needed to send it again. */
export interface AgentTurn {
  /** Recorded start; undefined without recorded times. */
  readonly startMs: number | undefined;
  /** The pause after the end of the turn before; undefined for the first. */
  readonly pauseMs: number | undefined;
  /** Recorded time from request to end of the reply. */
  readonly apiTimeMs: number | undefined;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly messages: readonly AgentMessage[];
  /** The messages do not continue those of the turn before. */
  readonly isReset: boolean;
  /** What the new input is, if it is recorded. */
  readonly input: 'tool_result' | 'user_input' | undefined;
  /** Blocks that an unlimited cache would have, of all blocks. */
  readonly idealBlocks: number;
  readonly blocks: number;
  /** Branches that start when this turn has ended. */
  readonly spawns: readonly string[];
  /** Branches that must have ended before this turn is sent. */
  readonly joins: readonly string[];
  /** Turns of other conversations that must have ended before it is sent. */
  readonly after: readonly TurnRef[];
  readonly source: TurnSource;
}

/** Where a turn is in its trace. */
export interface TurnSource {
  readonly list: 'main' | 'subagent' | 'flat';
  /** Position in the trace's requests. */
  readonly index: number;
  /** Position in the subagent's requests. */
  readonly innerIndex: number | undefined;
}

/** Conversations that one turn of the root starts together. */
export interface AgentBranch {
  readonly id: string;
  readonly children: readonly string[];
  /** No turn of the root waits for it. */
  readonly isBackground: boolean;
  readonly startMs: number;
}

/** One stream of turns, of the main agent or of one that it started. */
export interface AgentConversation {
  readonly id: string;
  /** The root's id; undefined for the root. */
  readonly parent: string | undefined;
  readonly turns: readonly AgentTurn[];
}

/** All conversations of one trace. */
export interface SessionTree {
  readonly trace: string;
  readonly blockTokens: number;
  readonly root: AgentConversation;
  readonly children: readonly AgentConversation[];
  readonly branches: readonly AgentBranch[];
}

export interface SessionOptions {
  /** Names of the served models. Default: the recorded names. */
  readonly models?: readonly string[];
  /** Longer gaps between starts are shortened to this, in seconds, before anything is derived from them. */
  readonly startGapCapS?: number;
  /** Leaves out all recorded times. */
  readonly ignorePauses?: boolean;
}

/** Recorded times that differ by less are equal. */
const sameTimeS = 1e-6;

/** The requests of one conversation, before its turns are made. */
interface Stream {
  readonly id: string;
  readonly requests: readonly PlacedRequest[];
  readonly list: TurnSource['list'];
  /** Position of its subagent, if it has one. */
  readonly outer: number | undefined;
  /** Its number in its list, which decides between equal times. */
  readonly number: number;
  readonly prefixTokens: number;
  /** Conversations of one scope wait for each other's turns. */
  readonly scope: string;
}

/** The sessions of a trace. Throws LoadError `bad-test` if it contradicts itself. */
export function sessionsOf(trace: AgentTrace, place: FilePlace, options: SessionOptions = {}): SessionTree {
  const { main, flat } = mainAndFlat(trace);
  const subagents = subagentsOf(trace, main);
  rejectSameIds(subagents, trace, place);
  const root: Stream = {
    id: trace.id,
    requests: main,
    list: 'main',
    outer: undefined,
    number: 0,
    prefixTokens: trace.tool_tokens + trace.system_tokens,
    scope: '',
  };
  const streams = [root, ...subagents.flatMap(({ streams: own }) => own), ...flat];
  const clock = clockFor(streams, options.startGapCapS);
  const links = branchesOf({ trace, main, subagents, flat, clock });
  try {
    const [made, ...children] = conversationsOf(trace, streams, { clock, links, options });
    if (made === undefined) throw new Error('a trace has no root');
    return {
      trace: trace.id,
      blockTokens: trace.block_size,
      root: made,
      children,
      branches: links.map(({ branch }) => branch),
    };
  } catch (error) {
    if (error instanceof PrefixNotRecorded) throw wrongFile(place, `trace ${trace.id}: ${error.message}`);
    throw error;
  }
}

/** A first request that shares no block with any other, such as one for a title, founds no chain. */
const longestTitleTokens = 64;

/** The requests of the main agent, and the agents found beside it in the same list. */
function mainAndFlat(trace: AgentTrace): {
  readonly main: readonly PlacedRequest[];
  readonly flat: readonly Stream[];
} {
  const requests = trace.requests.flatMap((request, index) =>
    isSubagent(request) ? [] : [{ index, request }],
  );
  const { lead, rest } = splitLead(requests);
  const chains = chainsOf(rest);
  if (chains.others.length === 0) return { main: requests, flat: [] };
  const flat = namedChains(chains).map(({ chain, suffix }, number): Stream => {
    const prefixTokens = prefixOf(trace, chain, chains.main, trace.block_size);
    const id = `${trace.id}::${suffix}`;
    return { id, requests: chain.requests, list: 'flat', outer: undefined, number, prefixTokens, scope: '' };
  });
  return { main: withLead(lead, chains.main), flat };
}

function inOrder(requests: readonly PlacedRequest[]): readonly PlacedRequest[] {
  return requests.toSorted((a, b) => a.request.t - b.request.t || a.index - b.index);
}

/** The main chain as it was found; requests without blocks may then be out of order of time, as in the public tool. */
function withLead(lead: readonly PlacedRequest[], { requests }: Chain): readonly PlacedRequest[] {
  return lead.length === 0 ? requests : inOrder([...lead, ...requests]);
}

/** Separates a first request that has nothing in common with the others. */
function splitLead(requests: readonly PlacedRequest[]): {
  readonly lead: readonly PlacedRequest[];
  readonly rest: readonly PlacedRequest[];
} {
  const [first, ...others] = inOrder(requests);
  const none = { lead: [], rest: requests };
  if (first === undefined || others.length === 0 || first.request.hash_ids.length === 0) return none;
  const { hash_ids: ids, out } = first.request;
  if (others.some(({ request }) => commonPrefix(ids, request.hash_ids) > 0)) return none;
  if (out > longestTitleTokens) {
    const used = new Set(others.flatMap(({ request }) => request.hash_ids));
    if (ids.some((id) => used.has(id))) return none;
  }
  return { lead: [first], rest: requests.filter((request) => request !== first) };
}

/** The declared prefix of a chain: only if it recorded the same blocks as the main chain. */
function prefixOf(
  { tool_tokens, system_tokens }: Pick<AgentTrace, 'tool_tokens' | 'system_tokens'>,
  chain: Chain,
  main: Chain,
  blockTokens: number,
): number {
  const blocks = Math.ceil((tool_tokens + system_tokens) / blockTokens);
  const isShared = commonPrefix(firstIds(chain), firstIds(main)) >= blocks;
  return blocks > 0 && isShared ? tool_tokens + system_tokens : 0;
}

function firstIds({ requests }: Chain): TraceRequest['hash_ids'] {
  return requests.find(({ request }) => request.hash_ids.length > 0)?.request.hash_ids ?? [];
}

/** A subagent that the root starts. */
interface StartedSubagent {
  readonly index: number;
  readonly entry: TraceSubagent;
  readonly streams: readonly Stream[];
}

/** The subagents that a turn of the root precedes, with the agents inside each. */
function subagentsOf(trace: AgentTrace, main: readonly PlacedRequest[]): readonly StartedSubagent[] {
  const first = Math.min(...main.map(({ index }) => index));
  return trace.requests.flatMap((entry, index) =>
    isSubagent(entry) && first < index ? [{ index, entry, streams: streamsOf(trace, entry, index) }] : [],
  );
}

function streamsOf(trace: AgentTrace, entry: TraceSubagent, outer: number): readonly Stream[] {
  const requests = absoluteRequests(entry);
  const { lead, rest } = splitLead(requests);
  const chains = chainsOf(rest);
  const scope = entry.agent_id;
  const id = `${trace.id}::sa:${entry.agent_id}`;
  const prefixTokens = entry.tool_tokens + entry.system_tokens;
  const own = withLead(lead, chains.main);
  return [
    { id, requests: own, list: 'subagent', outer, number: 0, prefixTokens, scope: `subagent ${scope}` },
    ...namedChains(chains).map(
      ({ chain, suffix }, number): Stream => ({
        id: `${id}:${suffix}`,
        requests: chain.requests,
        list: 'subagent',
        outer,
        number: number + 1,
        prefixTokens: prefixOf(entry, chain, chains.main, trace.block_size),
        scope: `subagent ${scope}`,
      }),
    ),
  ];
}

/** Older recordings count the times of a subagent's requests from its start. */
export function absoluteRequests(entry: TraceSubagent): readonly PlacedRequest[] {
  return entry.requests.map((request, index) => ({
    index,
    request: request.t + sameTimeS < entry.t ? { ...request, t: entry.t + request.t } : request,
  }));
}

function rejectSameIds(subagents: readonly StartedSubagent[], trace: AgentTrace, place: FilePlace): void {
  const known = new Map<string, number>();
  for (const { index, entry } of subagents) {
    const earlier = known.get(entry.agent_id);
    if (earlier !== undefined) {
      throw wrongFile(
        place,
        `requests[${index}].agent_id: ${JSON.stringify(entry.agent_id)} is already the agent_id of requests[${earlier}] of trace ${trace.id}`,
      );
    }
    known.set(entry.agent_id, index);
  }
}

/** Maps recorded times, in seconds. */
type Clock = (seconds: number) => number;

function clockFor(streams: readonly Stream[], capS: number | undefined): Clock {
  if (capS === undefined) return (seconds) => seconds;
  const starts = streams
    .flatMap(({ requests }) => requests.map(({ request }) => request.t))
    .toSorted((a, b) => a - b);
  const gaps = starts.flatMap((toS, index) => {
    const fromS = starts[index - 1];
    return fromS !== undefined && toS - fromS > capS ? [{ fromS, excessS: toS - fromS - capS }] : [];
  });
  return (seconds) =>
    gaps.reduce(
      (shown, { fromS, excessS }) => shown - Math.min(excessS, Math.max(0, seconds - fromS - capS)),
      seconds,
    );
}

/** When a subagent was recorded to end. */
function subagentEnd({ t, duration_ms, ...entry }: TraceSubagent): number {
  if (typeof duration_ms === 'number') return t + Math.max(0, duration_ms / 1000);
  const ends = absoluteRequests({ ...entry, t }).map(({ request }) => endOf(request));
  return ends.length === 0 ? t : Math.max(...ends);
}

/** A branch with the turns of the root that start it and wait for it. */
interface BranchLink {
  readonly branch: AgentBranch;
  readonly spawnedBy: number;
  readonly joinedBy: number | undefined;
}

interface Started {
  readonly children: readonly string[];
  readonly index: number;
  readonly startS: number;
  readonly endS: number;
  /** The branch's id, if this comes first in it. */
  readonly branch: string;
}

function branchesOf({
  trace,
  main,
  subagents,
  flat,
  clock,
}: {
  readonly trace: AgentTrace;
  readonly main: readonly PlacedRequest[];
  readonly subagents: readonly StartedSubagent[];
  readonly flat: readonly Stream[];
  readonly clock: Clock;
}): readonly BranchLink[] {
  const ofSubagents = subagents.map(
    ({ index, entry, streams }): Started => ({
      children: streams.map(({ id }) => id),
      index,
      startS: clock(entry.t),
      endS: clock(subagentEnd(entry)),
      branch: `${trace.id}:spawn:${entry.agent_id}`,
    }),
  );
  const ofFlat = flat.flatMap(({ id, requests, number }): readonly Started[] => {
    const [first] = requests;
    if (first === undefined) return [];
    return [
      {
        children: [id],
        index: first.index,
        startS: clock(first.request.t),
        endS: clock(Math.max(...requests.map(({ request }) => endOf(request)))),
        branch: `${trace.id}:flatspawn:${number}`,
      },
    ];
  });
  return [...linked(ofSubagents, main, clock), ...linked(ofFlat, main, clock)];
}

/** Groups what the same turn of the root starts and the same turn waits for. */
function linked(
  started: readonly Started[],
  main: readonly PlacedRequest[],
  clock: Clock,
): readonly BranchLink[] {
  const turns = main.map(({ index, request }, turn) => ({ turn, index, startS: clock(request.t) }));
  const byIndex = turns.toSorted((a, b) => a.index - b.index);
  const anchored = started.map((one) => ({
    ...one,
    spawnedBy: Math.max(0, ...turns.filter(({ index }) => index < one.index).map(({ turn }) => turn)),
    joinedBy: byIndex.find(({ index, startS }) => index > one.index && startS + sameTimeS >= one.endS)?.turn,
  }));
  const groups = Map.groupBy(anchored, ({ spawnedBy, joinedBy }) => `${spawnedBy} ${joinedBy}`);
  return [...groups.values()].flatMap((members): readonly BranchLink[] => {
    const [first] = members;
    if (first === undefined) return [];
    const { branch: id, spawnedBy, joinedBy } = first;
    return [
      {
        branch: {
          id,
          children: members.flatMap(({ children }) => children),
          isBackground: joinedBy === undefined,
          startMs: 1000 * Math.min(...members.map(({ startS }) => startS)),
        },
        spawnedBy,
        joinedBy,
      },
    ];
  });
}

function conversationsOf(
  trace: AgentTrace,
  streams: readonly Stream[],
  {
    clock,
    links,
    options: { models = [], ignorePauses = false },
  }: { readonly clock: Clock; readonly links: readonly BranchLink[]; readonly options: SessionOptions },
): readonly AgentConversation[] {
  const modelOf = servedModels(trace, models);
  const ideal = unlimitedHits(
    streams.flatMap(({ requests, outer, number }) =>
      requests.map(({ index, request }, turn) => ({
        request,
        order: outer === undefined ? [index, 0, 0] : [outer, number, turn],
      })),
    ),
  );
  const times = new Map(
    streams.map((stream) => [
      stream,
      stream.requests.map(({ request }, turn): RecordedTurn => {
        const startMs = 1000 * clock(request.t);
        const endMs = startMs + 1000 * Math.max(0, request.api_time ?? 0);
        return { conversation: stream.id, turn, startMs, endMs };
      }),
    ]),
  );
  const after = new Map<RecordedTurn, readonly TurnRef[]>();
  for (const scope of Map.groupBy(streams, ({ scope: name }) => name).values()) {
    const turns = scope.flatMap((stream) => times.get(stream) ?? []);
    if (!ignorePauses) for (const [turn, refs] of endedBefore(turns)) after.set(turn, refs);
  }
  return streams.map((stream, number): AgentConversation => {
    const isRoot = number === 0;
    const inputs = stream.requests.map(({ request }, turn) =>
      inputOf(request, stream.requests[turn - 1]?.request),
    );
    const messages = messagesOf(
      stream.requests.map(({ request }, turn) => ({
        hashIds: request.hash_ids,
        inputTokens: request.in,
        outputTokens: request.out,
        isToolResult: inputs[turn] === 'tool_result',
      })),
      { blockTokens: trace.block_size, prefixTokens: stream.prefixTokens, conversation: stream.id },
    );
    const turns = stream.requests.map(({ index, request }, turn): AgentTurn => {
      const time = times.get(stream)?.[turn];
      const before = times.get(stream)?.[turn - 1];
      const made = messages[turn];
      const hits = ideal.get(request);
      if (time === undefined || made === undefined || hits === undefined)
        throw new Error('a turn was not made');
      const ofRoot = isRoot ? links : [];
      return {
        startMs: ignorePauses ? undefined : time.startMs,
        pauseMs:
          ignorePauses || before === undefined ? undefined : pauseOf(before, time, stream.requests[turn - 1]),
        apiTimeMs:
          ignorePauses || typeof request.api_time !== 'number' ? undefined : time.endMs - time.startMs,
        model: modelOf(request.model),
        inputTokens: request.in,
        outputTokens: Math.max(1, request.out),
        ...made,
        input: inputs[turn],
        idealBlocks: hits,
        blocks: request.hash_ids.length,
        spawns: ofRoot.filter(({ spawnedBy }) => spawnedBy === turn).map(({ branch }) => branch.id),
        joins: ofRoot.filter(({ joinedBy }) => joinedBy === turn).map(({ branch }) => branch.id),
        after: after.get(time) ?? [],
        source: {
          list: stream.list,
          index: stream.outer ?? index,
          innerIndex: stream.outer === undefined ? undefined : index,
        },
      };
    });
    return { id: stream.id, parent: isRoot ? undefined : trace.id, turns };
  });
}

/** From the end of one turn to the start of the next; none if they overlapped. A negative duration lengthens it. */
function pauseOf(before: RecordedTurn, turn: RecordedTurn, last: PlacedRequest | undefined): number {
  return Math.max(0, turn.startMs - before.startMs - 1000 * (last?.request.api_time ?? 0));
}

/** What a turn's new input is, by its recorded types, else by why the reply before it ended. */
function inputOf(request: TraceRequest, before: TraceRequest | undefined): AgentTurn['input'] {
  const types = request.input_types ?? [];
  if (types.length > 0) return types.includes('tool_result') ? 'tool_result' : 'user_input';
  const stop = before?.stop ?? '';
  if (stop === '') return undefined;
  return stop === 'tool_use' ? 'tool_result' : 'user_input';
}
