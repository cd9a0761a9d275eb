import { isMultiNode } from '../identity/index.ts';
import type { PlannedPoint } from '../plan/index.ts';

/** The environment from which the public format builds an aggregate row (contract §5), for one point of a sweep. */
export function aggregateEnvironment(point: PlannedPoint, resultFilename: string): Record<string, string> {
  const { entry, hardware, phaseGpus } = point;
  const shared = {
    RUNNER_TYPE: hardware,
    FRAMEWORK: entry.framework,
    PRECISION: entry.precision,
    SPEC_DECODING: entry['spec-decoding'],
    RESULT_FILENAME: resultFilename,
    ISL: String(entry.isl),
    OSL: String(entry.osl),
    DISAGG: String(entry.disagg),
    MODEL_PREFIX: entry['model-prefix'],
    IMAGE: entry.image,
  };
  if (!isMultiNode(entry)) {
    return {
      ...shared,
      TP: String(entry.tp),
      EP_SIZE: String(entry.ep),
      DP_ATTENTION: String(entry['dp-attn']),
    };
  }
  const phases = [
    { phase: 'PREFILL', group: entry.prefill, gpus: phaseGpus?.prefill },
    { phase: 'DECODE', group: entry.decode, gpus: phaseGpus?.decode },
  ];
  const workers = phases.flatMap(({ phase, group, gpus }) => [
    [`${phase}_GPUS`, String(gpus ?? group['num-worker'] * group.tp)],
    [`${phase}_NUM_WORKERS`, String(group['num-worker'])],
    [`${phase}_TP`, String(group.tp)],
    [`${phase}_EP`, String(group.ep)],
    [`${phase}_DP_ATTN`, String(group['dp-attn'])],
  ]);
  return { ...shared, IS_MULTINODE: 'true', ...Object.fromEntries(workers) };
}
