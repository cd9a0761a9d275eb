import { defined } from '../defined/defined.ts';
import { WorkError } from '../errors.ts';
import type { MatrixEntry } from './entry.ts';
import { type AskedPoint, type JobVariables, scriptVariables } from './row.ts';
import { isTrue } from './values.ts';

/** The environment of the job of an agentic point, as `agenticJob` reads it. */
export function agenticVariables(point: AskedPoint & { readonly entry: MatrixEntry }): JobVariables {
  const { entry } = point;
  return {
    KV_OFFLOADING: 'none',
    ...scriptVariables(point),
    KV_OFFLOAD_BACKEND: entry['kv-offload-backend']?.name,
    TOTAL_CPU_DRAM_GB: String(entry['total-cpu-dram-gb'] ?? 0),
  };
}

/** What an agentic row says about its point, and the GPUs that its throughputs are divided by (contract F7). */
export interface AgenticJob {
  readonly point: Readonly<Record<string, unknown>>;
  readonly framework: string;
  readonly gpus: number;
}

/**
 * The point that an agentic job measured, from the environment of the job. Most variables have defaults, as in the
 * public rows. Throws WorkError for a missing or invalid variable.
 */
export function agenticJob(environment: JobVariables): AgenticJob {
  const job = new Variables(environment);
  const offloading = offloadingOf(job);
  const { shape, layout, gpus } = isTrue(environment.IS_MULTINODE) ? nodesOf(job) : nodeOf(job);
  const router = job.component('ROUTER_METADATA', { versioned: true });
  const transfer = job.text('KV_P2P_TRANSFER');
  const framework = job.text('FRAMEWORK');
  return {
    framework,
    gpus,
    point: {
      hw: job.text('RUNNER_TYPE'),
      conc: job.count('CONC', 0),
      image: job.text('IMAGE'),
      recipe_fingerprint: job.text('RECIPE_FINGERPRINT'),
      model: job.text('MODEL'),
      infmax_model_prefix: job.text('MODEL_PREFIX'),
      framework,
      precision: job.text('PRECISION'),
      spec_decoding: job.text('SPEC_DECODING', 'none'),
      disagg: isTrue(environment.DISAGG),
      scenario_type: 'agentic-coding',
      is_multinode: isTrue(environment.IS_MULTINODE),
      ...shape,
      ...offloading,
      allocated_cpu_dram_gb: job.count('TOTAL_CPU_DRAM_GB', 0),
      ...layout,
      ...defined({ router: router ?? undefined, kv_p2p_transfer: transfer === '' ? undefined : transfer }),
    },
  };
}

function wrong(message: string, more: { readonly hint?: string; readonly cause?: unknown } = {}): WorkError {
  return new WorkError(message, { code: 'bad-variable', ...more });
}

interface Layout {
  readonly shape: Readonly<Record<string, unknown>>;
  readonly layout: Readonly<Record<string, unknown>>;
  readonly gpus: number;
}

function nodeOf(job: Variables): Layout {
  const tp = job.count('TP', 1);
  const [pp, dcp, pcp] = job.parallelism('');
  return {
    shape: { tp, ep: job.count('EP_SIZE', 1), dp_attention: job.text('DP_ATTENTION', 'false') },
    layout: { pp, dcp_size: dcp, pcp_size: pcp },
    gpus: tp * pp * pcp,
  };
}

function nodesOf(job: Variables): Layout {
  const [prefill, decode] = [job.workers('PREFILL'), job.workers('DECODE')];
  const hardware = [job.text('PREFILL_HARDWARE'), job.text('DECODE_HARDWARE')] as const;
  if ((hardware[0] === '') !== (hardware[1] === '')) {
    throw wrong('PREFILL_HARDWARE and DECODE_HARDWARE are given together, or neither is');
  }
  // Without its own GPUs, decoding is done by the prefill workers.
  const own = decode.gpus > 0 ? decode : { ...decode, tp: 0, ep: 0, pp: 1, dcp: 1, pcp: 1 };
  return {
    shape: {
      tp: prefill.tp + own.tp,
      ep: Math.max(prefill.ep, own.ep),
      dp_attention: String(isTrue(prefill.attention) || isTrue(own.attention)),
    },
    layout: {
      prefill_num_workers: prefill.workers,
      prefill_tp: prefill.tp,
      prefill_pp: prefill.pp,
      prefill_dcp_size: prefill.dcp,
      prefill_pcp_size: prefill.pcp,
      prefill_ep: prefill.ep,
      prefill_dp_attention: prefill.attention,
      num_prefill_gpu: prefill.gpus,
      decode_num_workers: own.workers,
      decode_tp: own.tp,
      decode_pp: own.pp,
      decode_dcp_size: own.dcp,
      decode_pcp_size: own.pcp,
      decode_ep: own.ep,
      decode_dp_attention: own.attention,
      num_decode_gpu: own.gpus,
      ...defined({ prefill_hw: hardware[0] || undefined, decode_hw: hardware[1] || undefined }),
    },
    gpus: prefill.gpus + own.gpus,
  };
}

function offloadingOf(job: Variables): Readonly<Record<string, unknown>> {
  const offloading = job.required('KV_OFFLOADING');
  const name = job.text('KV_OFFLOAD_BACKEND');
  const backend = job.component('KV_OFFLOAD_BACKEND_METADATA', { versioned: false });
  if (offloading === 'none') {
    if (name !== '' || backend !== null) {
      throw wrong(
        'KV_OFFLOADING=none excludes a back end: KV_OFFLOAD_BACKEND and its metadata must be empty',
      );
    }
  } else if (name === '' || name === 'none' || backend === null) {
    throw wrong(
      `KV_OFFLOADING is ${offloading}, so KV_OFFLOAD_BACKEND and KV_OFFLOAD_BACKEND_METADATA are required`,
    );
  } else if (backend.name !== name) {
    throw wrong(
      `KV_OFFLOAD_BACKEND is ${name}, but the name in KV_OFFLOAD_BACKEND_METADATA is ${backend.name}`,
    );
  }
  return { kv_offloading: offloading, kv_offload_backend: backend };
}

interface Component {
  readonly name: string;
  readonly version?: string;
}

/** The variables of a job, read as what they are. */
class Variables {
  readonly #environment: JobVariables;

  constructor(environment: JobVariables) {
    this.#environment = environment;
  }

  text(name: string, otherwise = ''): string {
    return this.#environment[name] ?? otherwise;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value !== '') return value;
    throw wrong(`missing environment variable: ${name}`, {
      hint: 'set the variables of the benchmark job; a row combines them with the exports',
    });
  }

  count(name: string, otherwise: number): number {
    const written = this.text(name).trim();
    if (written === '') return otherwise;
    if (!/^[-+]?\d+$/.test(written)) throw wrong(`${name} must be a whole number, not ${written}`);
    return Number(written);
  }

  /** Pipeline and context parallelism. */
  parallelism(role: string): readonly [number, number, number] {
    const sizeOf = (name: string): number => {
      const size = this.count(`${role}${name}`, 1);
      if (size <= 0) throw wrong(`${role}${name} must be above 0, not ${size}`);
      return size;
    };
    return [sizeOf('PP_SIZE'), sizeOf('DCP_SIZE'), sizeOf('PCP_SIZE')];
  }

  workers(role: 'PREFILL' | 'DECODE') {
    const workers = this.count(`${role}_NUM_WORKERS`, 0);
    const tp = this.count(`${role}_TP`, 0);
    const [pp, dcp, pcp] = this.parallelism(`${role}_`);
    const ep = this.count(`${role}_EP`, 1);
    const attention = this.text(`${role}_DP_ATTN`, 'false');
    return { workers, tp, pp, dcp, pcp, ep, attention, gpus: workers * tp * pp * pcp };
  }

  /** A component as JSON, such as {"name": "dynamo", "version": "1.0"}; null if it is missing. */
  component(name: string, { versioned }: { readonly versioned: boolean }): Component | null {
    const written = this.text(name);
    if (written === '' || written === 'null') return null;
    const expected = `${name} must be a JSON object with a name and ${versioned ? 'a' : 'an optional'} version, both texts`;
    let value: unknown;
    try {
      value = JSON.parse(written);
    } catch (error) {
      throw wrong(`${expected}; it is not JSON: ${written}`, { cause: error });
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(expected);
    const fields = new Map(Object.entries(value));
    const [label, version] = [fields.get('name'), fields.get('version')];
    const isVersioned = fields.has('version');
    const isNamed = typeof label === 'string' && label !== '' && fields.size === (isVersioned ? 2 : 1);
    if (!isNamed || (versioned && !isVersioned)) throw wrong(expected);
    if (!isVersioned) return { name: label };
    if (typeof version !== 'string' || version === '') throw wrong(expected);
    return { name: label, version };
  }
}
