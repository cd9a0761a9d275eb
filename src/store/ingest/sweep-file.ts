import { z } from 'zod';
import { pathPart } from '../../derived/path-part.ts';
import { type ConfigurationFields, configurationOf } from '../configuration.ts';
import type { PlannedParts, PlannedPoint, PlannedSession } from './journal.ts';
import { isStorableText, largestInteger, longestName } from './storable.ts';

const storable = z.string().refine(isStorableText, 'has a character that no database keeps');
const name = storable.max(longestName);
const whole = z.int().nonnegative().max(largestInteger);

/** A run's page is a file called by its id. */
export const longestRunId = 200;

/** Bounded, so that the GPUs of all workers are a number that a column holds. */
const layoutCount = z.int().nonnegative().max(10_000);

const workers = z.looseObject({
  'num-worker': layoutCount,
  tp: layoutCount,
  ep: layoutCount,
  'dp-attn': z.boolean(),
});
const shared = {
  'model-prefix': name,
  precision: name,
  framework: name,
  isl: whole,
  osl: whole,
  'spec-decoding': name,
  disagg: z.boolean(),
};
const multiNodeEntry = z.looseObject({ ...shared, prefill: workers, decode: workers });
const singleNodeEntry = z.looseObject({
  ...shared,
  tp: layoutCount,
  ep: layoutCount.default(1),
  'dp-attn': z.boolean().default(false),
});
const entrySchema = z.union([multiNodeEntry, singleNodeEntry]);

const pointSchema = z.looseObject({
  id: name,
  conc: whole,
  hardware: name,
  entry: entrySchema,
  /** GPUs of each phase; workers times tensor parallelism where an older plan does not say. */
  phaseGpus: z.object({ prefill: layoutCount, decode: layoutCount }).optional(),
});
const sessionSchema = z.looseObject({
  id: name,
  hardware: name,
  runner: name,
  framework: name,
  image: name,
  model: name,
  points: z.array(pointSchema),
});

/** What the store reads of a `sweep.json`; a sweep of another version may lack its plan. */
export const sweepFileSchema = z.looseObject({
  sweepId: name.min(1).refine((id) => pathPart(id).length <= longestRunId, 'is longer than a name may be'),
  createdAt: z.iso.datetime(),
  command: storable.default(''),
  gitSha: name.optional(),
  gitRef: name.optional(),
  plan: z
    .looseObject({ sessions: z.array(sessionSchema) })
    .optional()
    .catch(undefined),
});
export type SweepFile = z.infer<typeof sweepFileSchema>;

/** A plan's sessions and points by their ids. */
export function plannedParts({ plan }: SweepFile): PlannedParts {
  const sessions = new Map<string, PlannedSession>();
  const points = new Map<string, PlannedPoint>();
  for (const { id, hardware, runner, framework, image, model, points: planned } of plan?.sessions ?? []) {
    sessions.set(id, { hw: hardware, runner, framework, image, model });
    for (const point of planned) {
      const configuration = configurationOf(rowFields(point));
      points.set(point.id, { configuration, conc: point.conc });
    }
  }
  return { sessions, points };
}

/** The fields that a row of the entry would have (contract §5). */
function rowFields({ entry, hardware: hw, phaseGpus }: z.infer<typeof pointSchema>): ConfigurationFields {
  const shared = {
    hw,
    infmax_model_prefix: entry['model-prefix'],
    framework: entry.framework,
    precision: entry.precision,
    spec_decoding: entry['spec-decoding'],
    isl: entry.isl,
    osl: entry.osl,
    disagg: entry.disagg,
  };
  if (!isMultiNode(entry)) {
    const { tp, ep, 'dp-attn': dpAttention } = entry;
    return { ...shared, is_multinode: false, tp, ep, dp_attention: String(dpAttention) };
  }
  const { prefill, decode } = entry;
  return {
    ...shared,
    is_multinode: true,
    prefill_tp: prefill.tp,
    prefill_ep: prefill.ep,
    prefill_dp_attention: String(prefill['dp-attn']),
    prefill_num_workers: prefill['num-worker'],
    decode_tp: decode.tp,
    decode_ep: decode.ep,
    decode_dp_attention: String(decode['dp-attn']),
    decode_num_workers: decode['num-worker'],
    num_prefill_gpu: phaseGpus?.prefill ?? prefill['num-worker'] * prefill.tp,
    num_decode_gpu: phaseGpus?.decode ?? decode['num-worker'] * decode.tp,
  };
}

function isMultiNode(entry: z.infer<typeof entrySchema>): entry is z.infer<typeof multiNodeEntry> {
  return 'prefill' in entry;
}
