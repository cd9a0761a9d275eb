import { dynamo } from './dynamo.ts';
import type { SrtFrontend } from './frontend.ts';
import { sglang } from './sglang.ts';
import { trtllmServe } from './trtllm-serve.ts';
import { vllm } from './vllm.ts';

export const frontends: readonly SrtFrontend[] = [dynamo, sglang, trtllmServe, vllm];

/** The frontend of a recipe; undefined if there is none of this type. */
export function frontendOf(type: string): SrtFrontend | undefined {
  return frontends.find((one) => one.type === type);
}
