import { defined } from '../../defined/defined.ts';
import { scenarioField } from '../../identity/index.ts';
import { LoadError } from '../../load/index.ts';
import { isMultiNode, type MatrixEntry } from '../../matrix/index.ts';
import { kindOfScenario, loadWorkloadTests } from '../../workload/index.ts';
import type { Check, Found } from './check.ts';

export const dataSet: Check = {
  name: 'data set',
  looksAt: 'whether the data set of a workload can be read, and has enough requests',
  find: async ({ entries }) => {
    const found: Found[] = [];
    for (const entry of largestOfEach(entries)) found.push(...(await faultsOf(entry)));
    return found;
  },
};

/** Of each workload, the entry with the most requests. */
function largestOfEach(entries: readonly MatrixEntry[]): MatrixEntry[] {
  const largest = new Map<string, MatrixEntry>();
  for (const entry of entries) {
    if (entry.workload === undefined) continue;
    const before = largest.get(entry.workload);
    if (before === undefined || concOf(entry) > concOf(before)) largest.set(entry.workload, entry);
  }
  return [...largest.values()];
}

function concOf(entry: MatrixEntry): number {
  return isMultiNode(entry) ? Math.max(...entry.conc) : entry.conc;
}

async function faultsOf(entry: MatrixEntry): Promise<Found[]> {
  const kind = kindOfScenario(entry[scenarioField]);
  const { traffic } = entry;
  if (kind === undefined || traffic === undefined) return [];
  const { firstWorkloadTest } = await loadWorkloadTests();
  try {
    await firstWorkloadTest(kind, traffic, { conc: concOf(entry), seed: traffic.seed ?? 0 });
    return [];
  } catch (error) {
    if (!(error instanceof LoadError)) throw error;
    return [
      {
        severity: 'error',
        entry,
        message: `${entry.workload}: ${error.message}`,
        ...defined({ hint: error.hint }),
      },
    ];
  }
}
