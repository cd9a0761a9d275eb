import { loadGpuConstants } from '../config/index.ts';
import { hardwareTitle } from '../derived/hardware-key.ts';
import { engineTitle } from '../engines/index.ts';
import { modelTitle, type Titles } from '../identity/index.ts';

/** Display names of models, engines and hardware, as on the page: DeepSeek R1 0528, SGLang, H200 SXM. */
export async function knownTitles(): Promise<Titles> {
  const gpus = await loadGpuConstants();
  return { model: modelTitle, engine: engineTitle, hardware: (hw) => hardwareTitle(hw, gpus) };
}
