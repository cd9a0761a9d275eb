import { defined } from '../../src/defined/defined.ts';
import type { ServingFacts } from '../../src/plan/index.ts';

/** The flags that generic recipes compute in the same way, by the engine's names for them. */
interface FlagNames {
  readonly parallel?: string;
  readonly context: string;
  readonly noReuse?: string;
  readonly quantisation?: string;
}

/** The reasons for the flags of a generic recipe. */
export function reasonsFor(
  { model, memoryBytes, hasAccelerators }: ServingFacts,
  { parallel, context, noReuse, quantisation }: FlagNames,
): Record<string, string> {
  const said: readonly (readonly [string | undefined, string | undefined])[] = [
    [hasAccelerators ? parallel : undefined, `the config's tp${inNumbers(model, memoryBytes)}`],
    [
      context,
      model?.contextTokens === undefined
        ? 'the longest request that the config measures'
        : `the longest request that the config measures, of the ${model.contextTokens} tokens that the model can hold`,
    ],
    [noReuse, 'every prompt is computed, as in the other engines'],
    [
      quantisation,
      model === undefined
        ? 'the model is not on this machine yet: the engine reads its config.json'
        : model.quantisation === undefined
          ? `config.json says that the weights are not quantised${model.dtype === undefined ? '' : ` (${model.dtype})`}`
          : `config.json says ${model.quantisation}, which the engine reads there itself`,
    ],
  ];
  return defined(
    Object.fromEntries(said.flatMap(([name, why]) => (name === undefined ? [] : [[name, why ?? '']]))),
  );
}

function inNumbers(model: ServingFacts['model'], memoryBytes: number | undefined): string {
  const inGb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  const parts = [
    model?.weightBytes === undefined ? '' : `weights of ${inGb(model.weightBytes)}`,
    memoryBytes === undefined ? '' : `${inGb(memoryBytes)} in each GPU`,
    model?.attentionHeads === undefined ? '' : `${model.attentionHeads} attention heads to split`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `: ${parts.join(', ')}`;
}

/** Context length in tokens: the entry's, limited to what the model supports. */
export function contextTokens(maxModelLen: number, { model }: ServingFacts): number {
  return Math.min(maxModelLen, model?.contextTokens ?? maxModelLen);
}
