import { hasDummyWeights, precisions } from '../../identity/index.ts';
import { isMultiNode, type MatrixEntry } from '../../matrix/index.ts';
import type { ServingFacts } from '../../plan/index.ts';
import { type Check, type CheckSubject, type Found, onNodes } from './check.ts';

/** Fraction of a GPU's memory that weights may use, to leave room for the KV cache. */
const weightShare = 0.9;

export const fit: Check = {
  name: 'fit',
  code: 'not-measurable',
  looksAt:
    'whether the model, according to its config.json, fits the GPUs, the lengths and the precision of the config',
  find: ({ entries, entry, facts, chosen }) => {
    const { model } = facts;
    if (model === undefined || chosen?.is === 'own') return [];
    const found: Found[] = [...quantisationOf(entry, facts)];
    for (const one of entries) {
      if (isMultiNode(one)) continue;
      const { tp, isl, osl } = one;
      const about = { severity: 'error', entry: one } as const;
      if (model.attentionHeads !== undefined && model.attentionHeads % tp !== 0)
        found.push({
          ...about,
          field: 'tp',
          message: `tp: ${tp} does not divide the ${model.attentionHeads} attention heads of the model`,
          hint: `use one of ${divisorsOf(model.attentionHeads).join(', ')}`,
        });
      if (model.contextTokens !== undefined && isl + osl > model.contextTokens)
        found.push({
          ...about,
          field: 'tp',
          message: `isl ${isl} and osl ${osl} are ${isl + osl} tokens, but the model supports only ${model.contextTokens}`,
          hint: 'use shorter requests',
        });
      found.push(...tooLarge(one.tp, one, facts));
    }
    return found;
  },
};

function tooLarge(
  tp: number,
  entry: MatrixEntry,
  { model, memoryBytes, hasAccelerators }: ServingFacts,
): Found[] {
  const weights = model?.weightBytes;
  if (!hasAccelerators || weights === undefined || memoryBytes === undefined) return [];
  if (weights / tp <= weightShare * memoryBytes) return [];
  const needed = smallestTp(weights, memoryBytes, model?.attentionHeads);
  return [
    {
      severity: 'error',
      entry,
      field: 'tp',
      message: `the weights are ${inGb(weights)}, and tp ${tp} gives them ${weightShare * 100} % of ${tp} × ${inGb(memoryBytes)}`,
      hint: needed === undefined ? 'use a smaller model' : `use tp: ${needed} or a smaller model`,
    },
  ];
}

/**
 * The fewest GPUs that hold the weights of a model and divide its attention heads; undefined if even 64 are
 * too few.
 */
export function smallestTp(
  weightBytes: number,
  memoryBytes: number,
  attentionHeads: number | undefined,
): number | undefined {
  return [1, 2, 4, 8, 16, 32, 64].find(
    (tp) =>
      weightBytes / tp <= weightShare * memoryBytes &&
      (attentionHeads === undefined || attentionHeads % tp === 0),
  );
}

/**
 * A precision that the weights do not have would only be a label: the engine reads the weights as they are.
 */
function quantisationOf({ precision }: MatrixEntry, { model }: ServingFacts): Found[] {
  const isPlain = precisions.get(precision)?.torchType !== undefined;
  const { quantisation } = model ?? {};
  if (isPlain === (quantisation === undefined)) return [];
  return [
    {
      severity: 'warning',
      field: 'precision',
      message:
        quantisation === undefined
          ? `precision is ${precision}, but config.json says that the weights are not quantised`
          : `precision is ${precision}, but config.json says that the weights are quantised (${quantisation})`,
      hint: 'results are labelled with the precision of the config, but the engine reads the weights as they are',
    },
  ];
}

/** Only few engines can use dummy weights. */
export const dummyWeights: Check = {
  name: 'dummy weights',
  code: 'not-measurable',
  looksAt: 'whether the engine supports dummy weights, if the config uses them',
  find: async (subject: CheckSubject) => {
    if (!hasDummyWeights(subject.entry) || !subject.facts.isRunning) return [];
    const [found] = await onNodes(subject, () => ({
      message: 'measures an external server, whose weights cannot be chosen',
    }));
    return found === undefined
      ? []
      : [
          {
            severity: 'error',
            message: `load-format: dummy: ${found.who} ${found.message}`,
            hint: 'remove it from the config',
          },
        ];
  },
};

function divisorsOf(number: number): number[] {
  return Array.from({ length: Math.min(64, number) }, (_, index) => index + 1).filter(
    (one) => number % one === 0,
  );
}

function inGb(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
