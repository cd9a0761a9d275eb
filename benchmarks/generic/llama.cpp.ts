import type { GenericRecipe } from '../../src/plan/index.ts';
import { contextTokens, reasonsFor } from '../builders/generic.ts';
import { singleNode } from '../builders/single-node.ts';

/** More layers than any model has, so that all layers that fit go to the GPU. */
const allLayers = 999;

/** llama.cpp for any GGUF file: its own `llama-server`, or ours if the engine is an npm package. */
export const generic: GenericRecipe = (facts) => {
  const ours = singleNode(({ conc, maxModelLen }) => ({
    flags: { '--parallel': conc, '--context-per-sequence': contextTokens(maxModelLen, facts) },
  }));
  const own = singleNode(({ conc, maxModelLen }) => ({
    flags: {
      '--parallel': conc,
      // All sequences share it.
      '--ctx-size': conc * contextTokens(maxModelLen, facts),
      '--n-gpu-layers': facts.hasAccelerators ? allLayers : undefined,
    },
  }));
  return {
    server: (point) => (point.entry.image.startsWith('npm:') ? ours : own).server(point),
    of: 'generic',
    reasons: reasonsFor(facts, { context: '--ctx-size' }),
  };
};
