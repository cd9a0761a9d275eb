import { defined } from '../../defined/defined.ts';

/** A public corpus of agent sessions, a Hugging Face data set (contract F5). */
export interface AgentCorpus {
  readonly id: string;
  /** No prompt with its reply is longer. */
  readonly contextTokens: number;
}

const full: AgentCorpus = { id: 'semianalysisai/cc-traces-weka-062126', contextTokens: 1_048_576 };
const limited: AgentCorpus = { id: 'semianalysisai/cc-traces-weka-062126-256k', contextTokens: 256_000 };

/** The models that are measured with the full corpus; for all others, long requests are left out. */
const ofLongContext = ['dsv4', 'glm5.2', 'minimaxm3', 'kimik3'];

/** The corpus that the public benchmark replays for a model. */
export function corpusOfModel(modelPrefix: string): AgentCorpus {
  return ofLongContext.includes(modelPrefix) ? full : limited;
}

const publicCorpus = /^semianalysisai\/cc-traces-weka-[\w.-]+$/;

/** Whether results on a corpus can be submitted to the public benchmark. */
export function isPublicCorpus(id: string): boolean {
  return publicCorpus.test(id);
}

/** The context of a corpus by its id; undefined if it is not known. */
export function contextOfCorpus(id: string): number | undefined {
  return [full, limited].find((one) => one.id === id)?.contextTokens;
}

/** The settings of the public benchmark (contract F6). */
export const publicReplay = {
  durationS: 3600,
  warmupRequestsPerLane: 10,
  seed: 42,
  startRatios: [0.25, 0.75],
  systemIdleCapS: 10,
  treeIdleCapS: 300,
  graceS: 30,
  mostFailed: 0.1,
  toolCalls: false,
} as const;

/** A Hugging Face data set, ORG/NAME or ORG/NAME@REVISION. */
export const corpusForm = /^[\w.-]+\/[\w.-]+(@[\w.-]+)?$/;

/** A data set and its revision, from `ORG/NAME@REVISION`. */
export function revisionOf(corpus: string): { readonly id: string; readonly revision?: string } {
  const [id = corpus, revision] = corpus.split('@');
  return { id, ...defined({ revision }) };
}
