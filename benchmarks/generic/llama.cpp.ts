import type { GenericRecipe } from '../../src/plan/index.ts';
import { contextTokens, reasonsFor } from '../builders/generic.ts';
import { requestsInFlight, singleNode } from '../builders/single-node.ts';

/** More layers than any model has, so that all layers that fit go to the GPU. */
const allLayers = 999;

/** Why one start serves all concurrencies: room for the highest one costs nothing at a lower one. */
const caps = {
  '--parallel':
    'the load generator keeps no more requests in flight than there are slots; free slots cost nothing',
  '--ctx-size': 'every slot has the same context length; the KV cache of free slots is not used',
};

/** llama.cpp for any GGUF file: its own `llama-server`, or ours if the engine is an npm package. */
export const generic: GenericRecipe = (facts) => {
  const ours = singleNode((point) => ({
    flags: {
      '--parallel': requestsInFlight(point),
      '--context-per-sequence': contextTokens(point.maxModelLen, facts),
      '--prefix-cache': point.replayed ? 'on' : undefined,
    },
  }));
  const own = singleNode((point) => ({
    flags: {
      '--parallel': requestsInFlight(point),
      // All sequences share it.
      '--ctx-size': requestsInFlight(point) * contextTokens(point.maxModelLen, facts),
      '--n-gpu-layers': facts.hasAccelerators ? allLayers : undefined,
    },
  }));
  return {
    server: (point) => (point.entry.image.startsWith('npm:') ? ours : own).server(point),
    caps,
    of: 'generic',
    // Our server has another flag for it.
    reasons: reasonsFor(facts, { context: 'context' }),
  };
};
