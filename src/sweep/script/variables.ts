import { defined } from '../../defined/defined.ts';
import { isOfAugust, resultName, type SingleNodeEntry, scriptVariables } from '../../identity/index.ts';

/** The port from which public scripts count PORT_OFFSET. */
const basePort = 8888;

/** A point that a benchmark script measures, including its server. */
export interface ScriptPoint {
  readonly entry: SingleNodeEntry;
  readonly hardware: string;
  /** The runner node. */
  readonly node: string;
}

/** The name of a point's result without an extension: the public RESULT_FILENAME. */
export function scriptResultName({ entry, node }: ScriptPoint): string {
  return resultName(entry, entry.conc, node);
}

/** The environment variables that a public benchmark script reads (contract §7). */
export function variablesOfScript(point: ScriptPoint, port: number): Record<string, string> {
  const { entry, hardware, node } = point;
  return {
    ...scriptVariables({ entry, conc: entry.conc, hardware }),
    MAX_MODEL_LEN: String(entry['max-model-len']),
    RANDOM_RANGE_RATIO: '0.8',
    NUM_PROMPTS: String(10 * entry.conc),
    ...defined({ NUM_WARMUPS: isOfAugust(entry) ? String(2 * entry.conc) : undefined }),
    EXP_NAME: entry['exp-name'],
    RUNNER_NAME: node,
    PORT: String(port),
    PORT_OFFSET: String(port - basePort),
    RESULT_FILENAME: scriptResultName(point),
  };
}
