import { atom } from './atom.ts';
import { dynamoSglang } from './dynamo-sglang.ts';
import { dynamoTrt } from './dynamo-trt.ts';
import type { Engine } from './engine.ts';
import { llamaCpp } from './llama-cpp.ts';
import { sglang } from './sglang.ts';
import { sglangDisagg } from './sglang-disagg.ts';
import { trt } from './trt.ts';
import { vllm } from './vllm.ts';

/** Frameworks of public configs without an engine here: their configs can be generated but not run. */
export const publicFrameworks: ReadonlySet<string> = new Set([
  'atom-disagg',
  'dynamo-vllm',
  'llmd-vllm',
  'tilert',
  'vllm-disagg',
]);

/** All engines. To add one, add a file next to this one and a line here. */
export const engines: readonly Engine[] = [
  atom,
  dynamoSglang,
  dynamoTrt,
  llamaCpp,
  sglang,
  sglangDisagg,
  trt,
  vllm,
];
