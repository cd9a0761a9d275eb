import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomNumbers, type SyntheticPoint, syntheticRow } from '../../test/support/synthetic-results.ts';

const hardware = ['h100', 'h200', 'b200', 'mi300x', 'mi355x'];
const frameworks = ['vllm', 'sglang'];

/** Rows of one model and shape with enough different configurations that a chart has this many points. */
export async function writeWideShape(folder: string, like: SyntheticPoint, points: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const random = randomNumbers(99);
  const rows = Array.from({ length: points }, (_, index) => {
    const [which, engine] = [
      index % hardware.length,
      Math.floor(index / hardware.length) % frameworks.length,
    ];
    return syntheticRow(
      {
        ...like,
        hw: `synthetic-${hardware[which] ?? 'h100'}`,
        framework: frameworks[engine] ?? 'vllm',
        conc: 1 + Math.floor(index / (hardware.length * frameworks.length)),
        speed: (1 + which / 2) * (0.6 + 0.4 * random()),
      },
      random,
    );
  });
  await writeFile(join(folder, 'agg_results_wide.json'), JSON.stringify(rows));
}
