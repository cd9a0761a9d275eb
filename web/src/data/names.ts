import { gpuOf } from '../../../src/derived/hardware-key.ts';
import type { HardwareDocument, IndexDocument, Series } from '../../../src/server/api.ts';

/** Names as people write them, by the keys that rows have. */
export interface Names {
  hardware(hw: string): string;
  model(prefix: string): string;
  engine(framework: string): string;
}

export function namesOf(index: IndexDocument | undefined, hardware: HardwareDocument | undefined): Names {
  const gpus = new Map(hardware?.gpus.map(({ gpu, name }) => [gpu, name]));
  const models = new Map(
    index?.shapes.map(({ modelPrefix, models: [model] }) => [modelPrefix, modelName(model) ?? modelPrefix]),
  );
  return {
    hardware: (hw) => gpus.get(gpuOf(hw, gpus.keys()) ?? '') ?? hw,
    model: (prefix) => models.get(prefix) ?? prefix,
    engine: (framework) => framework,
  };
}

/** `deepseek-ai/DeepSeek-R1-0528` as `DeepSeek R1 0528`; a download reference says its file's name. */
function modelName(model: string | undefined): string | undefined {
  const last = model
    ?.split(/[/#]/)
    .at(-1)
    ?.replace(/\.gguf$/i, '');
  return last === undefined || last === '' ? undefined : last.replaceAll('-', ' ');
}

/** How a server is built, in words: `TensorRT-LLM via Dynamo, FP4, multi-token prediction, disaggregated`. */
export function serverWords(series: Series, names: Names): string {
  return [
    names.engine(series.framework),
    series.precision.toUpperCase(),
    ...(series.specDecoding === 'none' ? [] : [draftingWords(series.specDecoding)]),
    ...(series.disagg ? ['disaggregated'] : []),
  ].join(', ');
}

function draftingWords(specDecoding: string): string {
  return specDecoding.toUpperCase();
}
