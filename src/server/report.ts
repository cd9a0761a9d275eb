import { writeFileAtomically } from '../atomic-file.ts';
import type { Dataset } from './api.ts';
import { ensureWebBuilt, singleFilePage } from './web-build.ts';

/** Writes the dashboard with its data as one HTML file that needs no server and no network. */
export async function writeReport(file: string, dataset: Dataset, onBuild?: () => void): Promise<void> {
  await writeFileAtomically(file, await singleFilePage(await ensureWebBuilt(onBuild), dataset));
}
