import { closest } from '../config/index.ts';
import { InputError } from '../errors.ts';
import { atom } from './atom.ts';
import { dynamoSglang } from './dynamo-sglang.ts';
import { dynamoTrt } from './dynamo-trt.ts';
import type { Engine } from './engine.ts';
import { llamaCpp } from './llama-cpp.ts';
import { sglang } from './sglang.ts';
import { sglangDisagg } from './sglang-disagg.ts';
import { trt } from './trt.ts';
import { vllm } from './vllm.ts';

export type {
  Engine,
  EngineCommand,
  EngineCommandRequest,
  EngineMetrics,
  EngineStep,
  EngineStepsRequest,
} from './engine.ts';

/** Every engine, one folder each. */
const engines: readonly Engine[] = [atom, dynamoSglang, dynamoTrt, llamaCpp, sglang, sglangDisagg, trt, vllm];

/** The engine of a framework; throws InputError naming the known ones. */
export function engineFor(framework: string): Engine {
  const engine = engines.find((candidate) => candidate.framework === framework);
  if (engine !== undefined) return engine;
  const names = engines.map((candidate) => candidate.framework);
  const near = closest(framework, names);
  throw new InputError(
    `no engine for framework '${framework}'`,
    near === undefined ? `there is one for ${names.join(', ')}` : `did you mean '${near}'?`,
  );
}
