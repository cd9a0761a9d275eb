/**
 * Whether a field has one value per entry, one per single-node engine or per role of a multi-node engine, or only per
 * role.
 */
export type Scope = 'entry' | 'layout' | 'role';

/** What shares the value: all curves of a chart, all points of a curve, all measurements of a point, or nothing. */
export type Part = 'chart' | 'curve' | 'point' | 'none';

/**
 * Where a master config has the field: for the whole config, per shape, per search-space item, in either config or
 * item, or nowhere.
 */
export type ConfigPlace = 'config' | 'shape' | 'item' | 'either' | 'nowhere';

/** The position of the field in a matrix entry (`src/identity/entry.ts` defines the order); `more` is the end. */
export const entrySlots = [
  'served',
  'served-by',
  'shape',
  'tensor',
  'sharing',
  'engine',
  'disagg',
  'more',
] as const;
export type EntrySlot = (typeof entrySlots)[number];

/** The kind of the field's value; `src/identity/values.ts` defines how each kind is read and written. */
export type ValueType = 'text' | 'count' | 'flag' | 'spelled-flag' | 'product';

/** An identity field, with everything irregular about its spellings. */
export interface IdentityLine {
  /** camelCase name in code and in the API; spellings that are not given derive from it. */
  readonly name: string;
  readonly type: ValueType;
  readonly of: Scope;
  readonly part: Part;
  readonly config: ConfigPlace;
  readonly slot: EntrySlot;
  /** The only values that a config may use. */
  readonly values?: readonly string[];
  /** The meaning of an absent field. */
  readonly default?: string | number | boolean;
  /** January's contract does not have it; at its default it is not written anywhere. */
  readonly optional?: true;
  /** The GPUs of a worker are the product of these fields. */
  readonly multipliesGpus?: true;
  /** The role for which it may be 0: the workers of the other role then do both (contract F1). */
  readonly zeroOf?: 'decode';
  /** Whether the version of the component is required. */
  readonly versioned?: true;
  /** The field, by its name in entries, that must be a multiple of this one. */
  readonly divides?: string;
  /** Either both roles have it or neither. */
  readonly bothRoles?: true;
  /**
   * Another field, by its name in entries: this field is required if that one is not at its default, and not allowed
   * otherwise.
   */
  readonly goesWith?: string;
  /** Only multi-node engines have it, in configs and entries. */
  readonly only?: 'several-nodes';
  /**
   * In August's form only items of this scenario have it. A single-node item must have it, unless it goes with another
   * field.
   */
  readonly scenario?: 'agentic-coding';
  /**
   * If a config has this flag (by its name in configs), the field is required, at the top or in every item (contract
   * F1).
   */
  readonly neededBy?: string;
  /** The engine itself applies it, whatever the recipe. */
  readonly byEngine?: true;
  /** It is known only when a point is planned: entries do not have it, or not as one value. */
  readonly planned?: true;
  /** kebab-case name in configs and entries. */
  readonly entry?: string;
  /** UPPER_CASE name of a benchmark script's variable, and the part after `PREFILL_` and `DECODE_`. */
  readonly script?: string;
  readonly roleScript?: string;
  /** snake_case name in rows; `{role}` marks the place of the role, which otherwise comes first. */
  readonly row?: string;
  /** snake_case name in the store, if it differs from rows. */
  readonly column?: string;
  /** Its query parameter in the API and its name in the page's URL, if it can be filtered by. */
  readonly query?: string;
  readonly page?: string;
  /**
   * For people: title, short form in January's names, headings of the public summary for single-node and for role
   * values.
   */
  readonly label: string;
  readonly short?: string;
  readonly summary?: readonly [node: string, role: string];
  /** Short forms in August's result names, for single-node and for role values; empty if it is not in them. */
  readonly named?: readonly [node: string, role: string];
  /** Description of the API parameter. */
  readonly about?: string;
}

/**
 * The identity of a point, one line per field, in the order of a published row. To add a field, add a line here and a
 * migration for its columns; entries, rows, the store, exports, the API and the page derive from it.
 */
// biome-ignore format: one field is one line
export const identityTable = [
  { name: 'hw', type: 'text', of: 'entry', part: 'curve', config: 'nowhere', slot: 'more', planned: true, script: 'RUNNER_TYPE', query: 'hw', page: 'hw', label: 'Hardware', summary: ['Hardware', ''], about: 'The hardware key, such as `h200`' },
  { name: 'conc', type: 'count', of: 'entry', part: 'point', config: 'nowhere', slot: 'more', planned: true, query: 'conc', label: 'Concurrency', about: 'Concurrency: requests in flight' },
  { name: 'image', type: 'text', of: 'entry', part: 'none', config: 'config', slot: 'served', label: 'Image' },
  { name: 'model', type: 'text', of: 'entry', part: 'none', config: 'config', slot: 'served', label: 'Served model', summary: ['Served Model', ''] },
  { name: 'modelPrefix', type: 'text', of: 'entry', part: 'chart', config: 'config', slot: 'served', row: 'infmax_model_prefix', column: 'model_prefix', query: 'model', page: 'model', label: 'Model', summary: ['Model', ''], about: 'The model prefix, such as `dsr1`' },
  { name: 'framework', type: 'text', of: 'entry', part: 'curve', config: 'config', slot: 'served-by', query: 'framework', page: 'engine', label: 'Engine', summary: ['Framework', ''], about: 'The serving engine, such as `vllm`' },
  { name: 'precision', type: 'text', of: 'entry', part: 'curve', config: 'config', slot: 'served', query: 'precision', page: 'precision', label: 'Precision', summary: ['Precision', ''], about: 'Such as `fp8`' },
  { name: 'specDecoding', type: 'text', of: 'entry', part: 'curve', config: 'item', slot: 'engine', values: ['none', 'mtp', 'draft_model'], default: 'none', query: 'spec_decoding', page: 'spec', label: 'Speculative decoding', about: '`none`, `mtp` or `draft_model`' },
  { name: 'disagg', type: 'flag', of: 'entry', part: 'curve', config: 'config', slot: 'disagg', default: false, page: 'disagg', label: 'Disaggregated' },
  { name: 'isl', type: 'count', of: 'entry', part: 'chart', config: 'shape', slot: 'shape', query: 'isl', label: 'Input tokens', summary: ['ISL', ''], about: 'Input sequence length, tokens' },
  { name: 'osl', type: 'count', of: 'entry', part: 'chart', config: 'shape', slot: 'shape', query: 'osl', label: 'Output tokens', summary: ['OSL', ''], about: 'Output sequence length, tokens' },
  { name: 'multinode', type: 'flag', of: 'entry', part: 'curve', config: 'nowhere', slot: 'more', planned: true, script: 'IS_MULTINODE', row: 'is_multinode', page: 'nodes', label: 'Several nodes' },
  { name: 'tp', type: 'count', of: 'layout', part: 'point', config: 'item', slot: 'tensor', multipliesGpus: true, label: 'TP', short: 'tp', named: ['tp', 'tp'], summary: ['TP', 'TP'] },
  { name: 'ep', type: 'count', of: 'layout', part: 'point', config: 'item', slot: 'sharing', default: 1, script: 'EP_SIZE', roleScript: 'EP', label: 'EP', short: 'ep', named: ['ep', 'ep'], summary: ['EP', 'EP'] },
  { name: 'dpAttention', type: 'spelled-flag', of: 'layout', part: 'point', config: 'item', slot: 'sharing', default: false, entry: 'dp-attn', roleScript: 'DP_ATTN', label: 'DP attention', short: 'dpa_', named: ['dpa', 'dp'], summary: ['DP Attention', 'DP Attn'] },
  { name: 'numWorkers', type: 'count', of: 'role', part: 'point', config: 'item', slot: 'more', zeroOf: 'decode', entry: 'num-worker', named: ['', 'nw'], label: 'Workers', summary: ['', 'Workers'] },
  { name: 'gpus', type: 'count', of: 'role', part: 'point', config: 'nowhere', slot: 'more', planned: true, script: 'GPUS', row: 'num_{role}_gpu', label: 'GPUs', summary: ['', 'GPUs'] },
  { name: 'pp', type: 'count', of: 'layout', part: 'point', config: 'item', slot: 'tensor', default: 1, optional: true, multipliesGpus: true, script: 'PP_SIZE', query: 'pp', page: 'pp', label: 'PP', short: 'pp', named: ['pp', 'pp'], about: 'Pipeline parallelism' },
  { name: 'dcpSize', type: 'count', of: 'layout', part: 'point', config: 'item', slot: 'tensor', default: 1, optional: true, divides: 'tp', query: 'dcp_size', page: 'dcp', label: 'DCP', short: 'dcp', named: ['dcp', 'dcp'], about: 'Decode context parallelism, on the GPUs of tensor parallelism' },
  { name: 'pcpSize', type: 'count', of: 'layout', part: 'point', config: 'item', slot: 'tensor', default: 1, optional: true, multipliesGpus: true, query: 'pcp_size', page: 'pcp', label: 'PCP', short: 'pcp', named: ['pcp', 'pcp'], about: 'Prefill context parallelism' },
  { name: 'router', type: 'product', of: 'entry', part: 'point', config: 'either', slot: 'more', optional: true, versioned: true, script: 'ROUTER_METADATA', query: 'router', page: 'router', label: 'Router', about: 'The router in front of the engine, such as `vllm-router`, or with its version `vllm-router 0.1.14`' },
  { name: 'kvP2pTransfer', type: 'text', of: 'entry', part: 'point', config: 'either', slot: 'more', optional: true, only: 'several-nodes', neededBy: 'disagg', query: 'kv_p2p_transfer', page: 'kv-transfer', label: 'KV transfer', about: 'What carries the KV cache from prefill to decode workers, such as `nixl`' },
  { name: 'roleHw', type: 'text', of: 'role', part: 'curve', config: 'item', slot: 'more', optional: true, bothRoles: true, entry: 'hardware', script: 'HARDWARE', row: 'hw', query: 'hw', page: 'hw', label: 'hardware', about: 'The hardware key' },
  { name: 'kvOffloading', type: 'text', of: 'entry', part: 'curve', config: 'item', slot: 'more', values: ['none', 'dram'], default: 'none', optional: true, scenario: 'agentic-coding', query: 'kv_offloading', page: 'kv-offloading', label: 'KV offloading', about: 'Where the KV cache is offloaded to: `none` or `dram`' },
  { name: 'kvOffloadBackend', type: 'product', of: 'entry', part: 'point', config: 'item', slot: 'more', optional: true, goesWith: 'kv-offloading', scenario: 'agentic-coding', script: 'KV_OFFLOAD_BACKEND_METADATA', query: 'kv_offload_backend', page: 'kv-backend', label: 'KV offload back end', about: 'What offloads the KV cache, such as `hicache`' },
  { name: 'scenarioType', type: 'text', of: 'entry', part: 'chart', config: 'nowhere', slot: 'more', default: 'fixed-seq-len', optional: true, query: 'scenario_type', page: 'scenario', label: 'Scenario', about: 'The kind of traffic, such as `fixed-seq-len`, `agentic-coding` or `conversations`' },
  { name: 'workload', type: 'text', of: 'entry', part: 'chart', config: 'nowhere', slot: 'more', optional: true, query: 'workload', page: 'workload', label: 'Workload', about: 'A workload of a config, by its name and the digest of its definition, such as `docs-chat@3f9a8c12d0e4`' },
  { name: 'loadFormat', type: 'text', of: 'entry', part: 'curve', config: 'config', slot: 'more', values: ['auto', 'dummy'], default: 'auto', optional: true, byEngine: true, query: 'load_format', page: 'load-format', label: 'Weights', about: '`auto`: the weights of the model; `dummy`: random ones, so that speed is real and answers are not' },
  { name: 'acceptance', type: 'text', of: 'entry', part: 'curve', config: 'either', slot: 'more', optional: true, byEngine: true, query: 'acceptance', page: 'acceptance', label: 'Forced acceptance', about: 'The acceptance length of drafts that the engine was made to have: a number, or a curve of golden acceptance lengths, such as `dsv4_mtp`' },
  { name: 'answersPercent', type: 'count', of: 'entry', part: 'curve', config: 'either', slot: 'more', optional: true, byEngine: true, query: 'answers_percent', page: 'answers', label: 'Answers checked, %', about: 'The percentage of the measured requests that were questions with known answers' },
  { name: 'recipeKind', type: 'text', of: 'entry', part: 'none', config: 'nowhere', slot: 'more', planned: true, values: ['own', 'generic', 'unknown'], default: 'own', optional: true, query: 'recipe_kind', label: 'Recipe', about: '`own`: a recipe of this model and hardware; `generic`: the recipe of the engine for any model; `unknown`: an external server' },
  { name: 'recipeFingerprint', type: 'text', of: 'entry', part: 'none', config: 'nowhere', slot: 'more', optional: true, query: 'recipe_fingerprint', label: 'Recipe fingerprint', about: 'The SHA-256 of what an entry asks to be served, at whatever concurrency' },
] as const satisfies readonly IdentityLine[];
