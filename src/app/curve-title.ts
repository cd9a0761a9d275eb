import { engineTitle } from '../engines/index.ts';
import { curveName, modelTitle, type RowIdentity } from '../identity/index.ts';

/**
 * A readable name of a curve, such as `DeepSeek R1 0528 1024/1024 h200 SGLang fp8`; the hardware is the
 * pool's name.
 */
export function curveTitle(row: RowIdentity): string {
  return curveName(row, [], { model: modelTitle, engine: engineTitle, hardware: String });
}
