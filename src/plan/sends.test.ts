import { expect, test } from 'vitest';
import { someEntry } from '../../test/support/some-entry.ts';
import type { SingleNodeEntry } from '../identity/index.ts';
import type { Traffic, WorkloadKindName } from '../workload/index.ts';
import { estimatePlan } from './estimate/index.ts';
import type { Recipe } from './recipe.ts';
import { planSessions } from './session.ts';

const recipe: Recipe = { server: () => ({ args: [], env: {}, files: [], acceleratorCount: 1 }) };
const desk = { 'prefix-len': 48, 'suffix-len': 16, 'output-len': 8 };
/** In a variable, because the type of `arrivals` lacks the fields of each pattern, and a literal would be rejected. */
const slow = { pattern: 'constant', rate: 0.5 };
const file = { 'dataset-path': 'day.jsonl', isl: 64, osl: 8 };

function pointOf(scenario: WorkloadKindName, traffic: Traffic) {
  const entry: SingleNodeEntry = { ...someEntry, workload: 'w@1', traffic, 'scenario-type': scenario };
  const plan = planSessions([entry], { recipes: () => recipe, hardwareOf: ({ runner }) => runner });
  const history = { loadS: () => 0, requestRate: () => 2 };
  const { sessions } = estimatePlan(plan, { gpus: [], isCpu: () => false, initS: () => 0, history });
  const [point] = plan.sessions[0]?.points ?? [];
  return { point, warmupS: (point?.client.warmupRequests ?? 0) / 2, run: sessions[0]?.points[0] };
}

test.each<[string, WorkloadKindName, Traffic, object, number | undefined]>([
  ['the usual requests', 'shared-prefix', desk, { requests: 40 }, 20],
  ['its own number of requests', 'shared-prefix', { ...desk, 'num-prompts': 6 }, { requests: 6 }, 3],
  ['a time', 'shared-prefix', { ...desk, duration: 30 }, { seconds: 30 }, 30],
  [
    'requests that end before the time',
    'shared-prefix',
    { ...desk, duration: 30, 'num-prompts': 6 },
    { requests: 6, seconds: 30 },
    3,
  ],
  [
    'a rate below that of the engine',
    'shared-prefix',
    { ...desk, arrivals: slow },
    { requests: 40, rate: 0.5 },
    80,
  ],
  ['all of a trace', 'trace', file, {}, undefined],
])(
  '%s: the plan has what the workload sends, and how long that takes',
  (_, scenario, traffic, sends, sendS) => {
    const { point, warmupS, run } = pointOf(scenario, traffic);
    expect(point?.sends).toEqual(sends);
    if (sendS === undefined) expect(run).toEqual({ runS: null, basis: 'unknown' });
    else expect(run).toEqual({ runS: warmupS + sendS, basis: 'measured' });
    if ('requests' in sends) expect(point?.client.numPrompts).toBe(sends.requests);
  },
);
