import type { GenericRecipe } from '../../src/plan/index.ts';
import { contextTokens, reasonsFor } from '../builders/generic.ts';
import { singleNode } from '../builders/single-node.ts';

/** More layers than any model has, so that all layers that fit go to the GPU. */
const allLayers = 999;

/** Why one start serves all concurrencies: room for the highest one costs nothing at a lower one. */
const caps = {
  '--parallel':
    'the load generator never keeps more requests in flight than the concurrency; free slots cost nothing',
  '--ctx-size': 'every slot has the same context length; the KV cache of free slots is not used',
};

/** llama.cpp for any GGUF file: its own `llama-server`, or ours if the engine is an npm package. */
export const generic: GenericRecipe = (facts) => {
  const ours = (isWorkload: boolean) =>
    singleNode(({ maxConc, maxModelLen }) => ({
      flags: {
        '--parallel': maxConc,
        '--context-per-sequence': contextTokens(maxModelLen, facts),
        // As other engines do by default; prompts of fixed lengths have nothing in common.
        '--prefix-cache': isWorkload ? 'on' : undefined,
      },
    }));
  const own = singleNode(({ maxConc, maxModelLen }) => ({
    flags: {
      '--parallel': maxConc,
      // All sequences share it.
      '--ctx-size': maxConc * contextTokens(maxModelLen, facts),
      '--n-gpu-layers': facts.hasAccelerators ? allLayers : undefined,
    },
  }));
  return {
    server: (point) => {
      const { image, workload } = point.entry;
      return (image.startsWith('npm:') ? ours(workload !== undefined) : own).server(point);
    },
    caps,
    of: 'generic',
    // Our server has another flag for it.
    reasons: reasonsFor(facts, { context: 'context' }),
  };
};
