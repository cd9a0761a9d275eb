import { Random } from '../random.ts';
import type { AgentTrace, HashId, TraceRequest, TraceSubagent } from './trace.ts';

/** What synthesized traces look like. */
export interface SynthesisOptions {
  readonly traces: number;
  readonly seed: number;
  /** Turns of the main agent, on average. */
  readonly turns: number;
  readonly blockTokens: number;
  /** The longest prompt with its reply. */
  readonly contextTokens: number;
  /** Pauses and durations are multiplied by this. */
  readonly timeScale: number;
}

export const synthesisDefaults: SynthesisOptions = {
  traces: 8,
  seed: 0,
  turns: 12,
  blockTokens: 64,
  contextTokens: 131_072,
  timeScale: 1,
};

const model = 'main-model';
const smallModel = 'small-model';

/** Shares of the context. Sessions start with a long common prefix of tools and instructions, and grow from there. */
const prefixShare = 0.12;
const firstPromptShare = 0.02;
/** Chances after a turn of the main agent. */
const subagentChance = 0.16;
const workersChance = 0.06;
const sideCallChance = 0.08;
/** When the context is this full, the agent replaces most of it by a summary. */
const fullShare = 0.85;

/**
 * Traces of invented coding sessions, whose shape resembles recorded ones: an agent reads, calls tools and writes in
 * turns on a growing context, starts subagents and parallel workers, makes small calls beside them, and compacts its
 * context when it is full. The same options give the same traces.
 */
export function synthesizeTraces(options: SynthesisOptions): readonly AgentTrace[] {
  return Array.from({ length: options.traces }, (_, number) => new Session(options, number).trace());
}

/** One session while it is being invented. */
class Session {
  readonly #options: SynthesisOptions;
  readonly #random: Random;
  readonly #number: number;
  #nextId = 0;
  #requests: (TraceRequest | TraceSubagent)[] = [];
  #agents = 0;

  constructor(options: SynthesisOptions, number: number) {
    this.#options = options;
    this.#number = number;
    this.#random = new Random((options.seed * 0x9e3779b1 + number) >>> 0);
  }

  trace(): AgentTrace {
    const prefix = this.#blocks(this.#share(prefixShare));
    this.#mainAgent(prefix);
    const requests = this.#requests.toSorted((a, b) => a.t - b.t);
    return {
      id: `synthetic_${this.#options.seed}_${String(this.#number).padStart(4, '0')}`,
      models: [model, smallModel],
      block_size: this.#options.blockTokens,
      hash_id_scope: 'local',
      requests,
      tool_tokens: 0,
      system_tokens: 0,
    };
  }

  #mainAgent(prefix: readonly HashId[]): void {
    const turns = Math.max(2, Math.round(this.#options.turns * (0.5 + this.#random.unit())));
    let context = [...prefix, ...this.#blocks(this.#tokens(firstPromptShare))];
    let atS = 0;
    for (let turn = 0; turn < turns; turn++) {
      const out = this.#replyTokens();
      const request = this.#request(atS, context, out);
      this.#requests.push(request);
      const endS = atS + this.#durationOf(request);
      const resumedS = Math.max(this.#beside(prefix, context, endS), endS + this.#pauseS());
      atS = resumedS;
      const grown = [...context, ...this.#blocks(out + this.#tokens(0.012))];
      const isFull = grown.length * this.#options.blockTokens > fullShare * this.#options.contextTokens;
      context = isFull ? [...prefix, ...this.#blocks(this.#tokens(0.04))] : grown;
    }
  }

  /** What happens beside the main agent after one of its turns; returns when the main agent may go on. */
  #beside(prefix: readonly HashId[], context: readonly HashId[], atS: number): number {
    const chance = this.#random.unit();
    if (chance < subagentChance) return this.#subagent(prefix, atS);
    if (chance < subagentChance + workersChance) return this.#workers(context, atS);
    if (chance < subagentChance + workersChance + sideCallChance) {
      // Such as a title or the summary of a web page, by a smaller model on another context.
      const call = this.#request(
        atS,
        this.#blocks(this.#tokens(0.01)),
        1 + this.#random.integer(5, 80),
        smallModel,
      );
      this.#requests.push(call);
    }
    return atS;
  }

  #subagent(prefix: readonly HashId[], atS: number): number {
    const shared = prefix.slice(0, Math.ceil(prefix.length / 2));
    const requests = this.#agent(
      [...shared, ...this.#blocks(this.#tokens(0.02))],
      atS,
      2 + this.#random.integer(0, 5),
    );
    const endS = Math.max(...requests.map((request) => request.t + this.#durationOf(request)));
    this.#requests.push({
      t: atS,
      type: 'subagent',
      agent_id: `agent_${String(this.#agents++).padStart(3, '0')}`,
      subagent_type: 'Explore',
      duration_ms: Math.round(1000 * (endS - atS)),
      total_tokens: requests.reduce((sum, { in: input, out }) => sum + input + out, 0),
      tool_use_count: requests.length - 1,
      status: 'completed',
      requests: [...requests],
      models: [model],
      tool_tokens: 0,
      system_tokens: 0,
    });
    // Some run in the background, and the main agent does not wait.
    return this.#random.unit() < 0.2 ? atS : endS;
  }

  /** Parallel agents on the main agent's context, recorded among its requests. */
  #workers(context: readonly HashId[], atS: number): number {
    const workers = Array.from({ length: this.#random.integer(3, 5) }, (_, index) =>
      this.#agent(
        [...context, ...this.#blocks(this.#tokens(0.01))],
        atS + 0.1 * (index + 1),
        this.#random.integer(1, 3),
      ),
    );
    this.#requests.push(...workers.flat());
    return Math.max(...workers.flat().map((request) => request.t + this.#durationOf(request)));
  }

  #agent(start: readonly HashId[], fromS: number, turns: number): readonly TraceRequest[] {
    const requests: TraceRequest[] = [];
    let context = start;
    let atS = fromS;
    for (let turn = 0; turn < turns; turn++) {
      const out = this.#replyTokens();
      const request = this.#request(atS, context, out);
      requests.push(request);
      atS += this.#durationOf(request) + this.#pauseS();
      context = [...context, ...this.#blocks(out + this.#tokens(0.008))];
    }
    return requests;
  }

  #request(t: number, blocks: readonly HashId[], out: number, by = model): TraceRequest {
    const { blockTokens, contextTokens } = this.#options;
    const fitting = blocks.slice(0, Math.max(1, Math.floor((contextTokens - out) / blockTokens)));
    const stop = this.#random.unit() < 0.8 ? 'tool_use' : 'end_turn';
    const uncachedS = 0.3 + 0.0000125 * fitting.length * blockTokens * this.#random.unit();
    const api_time = rounded(this.#options.timeScale * (uncachedS + 0.012 * out));
    return {
      t: rounded(t),
      type: 's',
      model: by,
      in: fitting.length * blockTokens,
      out,
      hash_ids: [...fitting],
      stop,
      api_time,
      ttft: rounded(this.#options.timeScale * uncachedS),
    };
  }

  #durationOf({ api_time }: TraceRequest): number {
    return api_time ?? 0;
  }

  /** Mostly a few hundred tokens, sometimes thousands. */
  #replyTokens(): number {
    const drawn = Math.round(Math.exp(4.8 + 0.9 * this.#random.normal()));
    return Math.max(8, Math.min(drawn, Math.round(0.03 * this.#options.contextTokens)));
  }

  /** Between a reply and the next request: tools run, and sometimes a person thinks. */
  #pauseS(): number {
    const isPerson = this.#random.unit() < 0.1;
    return this.#options.timeScale * this.#random.exponential(isPerson ? 60 : 3);
  }

  #share(share: number): number {
    return share * this.#options.contextTokens;
  }

  /** A number of tokens around a share of the context. */
  #tokens(share: number): number {
    return Math.min(2 * this.#share(share), this.#random.exponential(this.#share(share)));
  }

  #blocks(tokens: number): readonly HashId[] {
    const count = Math.max(1, Math.round(tokens / this.#options.blockTokens));
    return Array.from({ length: count }, () => this.#nextId++);
  }
}

function rounded(seconds: number): number {
  return Math.round(1000 * seconds) / 1000;
}
