import { join } from 'node:path';
import { writeFileAtomically } from '../../atomic-file.ts';
import { powerWithoutWindow, withoutRow } from '../../power/index.ts';
import { addPower } from '../power.ts';
import { type AddedPower, writePower } from '../power-files.ts';
import { powerWindowOf } from './power-window.ts';

/** An agentic run whose power was sampled. */
export interface AgenticPowerRequest {
  readonly resultDir: string;
  /** Default: `gpu_metrics.csv` in the result folder. */
  readonly csv?: string;
  readonly aggResult: string;
  readonly expectedGpus: number;
  /** Default: `power_validation.json` in the result folder. */
  readonly auditFile?: string;
}

/**
 * Adds measured power to the row of an agentic run. Its window, from the exports of the load client, is written as
 * `agentic_power_window.json` (contract F11).
 */
export async function addAgenticPower({
  resultDir,
  csv = join(resultDir, 'gpu_metrics.csv'),
  aggResult,
  expectedGpus,
  auditFile = join(resultDir, 'power_validation.json'),
}: AgenticPowerRequest): Promise<AddedPower> {
  const file = join(resultDir, 'agentic_power_window.json');
  const window = await powerWindowOf(resultDir);
  if ('reason' in window) {
    const result = { name: file, value: undefined };
    const { audit } = powerWithoutWindow({ source: csv, result, expectedGpus, reason: window.reason });
    const judged = { audit: { ...audit, window_source: 'aiperf_profile_lifecycle' } };
    return await writePower({ result, aggResult, auditFile }, judged, withoutRow);
  }
  await writeFileAtomically(file, `${JSON.stringify(window.value, null, 2)}\n`);
  const result = { name: file, value: window.value };
  return await addPower({ csv, result, aggResult, expectedGpus, auditFile });
}
