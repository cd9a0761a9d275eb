import { type NodePower, powerOfNode, withoutRow } from '../power/index.ts';
import { type AddedPower, type PoweredBenchmark, textOf, writePower } from './power-files.ts';

/** The files from which the power of one node is computed, and those to which it is written. */
export interface PowerRequest extends PoweredBenchmark {
  /** The samples: a table of nvidia-smi or amd-smi. */
  readonly csv: string;
  readonly expectedGpus: number;
}

/** Adds measured power of one node to a row; see `writePower`. */
export async function addPower(request: PowerRequest): Promise<AddedPower> {
  return await writePower(request, powerOfNode(await powerFiles(request)), withoutRow);
}

async function powerFiles({ csv, result, expectedGpus }: PowerRequest): Promise<NodePower> {
  const stem = csv.replace(/\.csv$/, '');
  return {
    telemetry: { name: csv, text: await samplesIn(csv) },
    counters: {
      start: await textOf(`${stem}_energy_start.csv`),
      end: await textOf(`${stem}_energy_end.csv`),
    },
    result,
    expectedGpus,
  };
}

async function samplesIn(csv: string): Promise<NodePower['telemetry']['text']> {
  try {
    return (await textOf(csv)) ?? { reason: 'telemetry_file_missing' };
  } catch {
    return { reason: 'telemetry_file_unreadable' };
  }
}
