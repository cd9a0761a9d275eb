import { InputError } from '../../../errors.ts';
import type { Generator, SweepFilters, TestFilters } from '../../../matrix/index.ts';
import type { NodeKindOptions } from './options.ts';

type Filters = SweepFilters & TestFilters;

/** The flags of options that not every contract supports, by filter. */
const flags: Readonly<Partial<Record<keyof Filters, string>>> = {
  minConc: '--min-conc',
  scenarios: '--scenario-type',
  nodeFilter: '--runner-node-filter',
  concurrencies: '--conc',
};

/** Rejects options and values that the configs' contract does not support. Throws InputError: it is bad usage. */
export function refuseWhatIsLacking(
  { contract: { name, field }, lacks, seqLenNames, takesBothKinds }: Generator,
  { evals, seqLens = [], ...filters }: Filters,
  { singleNode, multiNode }: NodeKindOptions,
): void {
  const shapes = Object.values(seqLenNames);
  const unknown = seqLens.filter((shape) => !shapes.includes(shape));
  if (unknown.length > 0)
    throw new InputError(
      `--seq-lens ${unknown.join(' ')}: the configs follow ${name} (${field}), which has ${shapes.join(', ')}`,
      undefined,
      { code: 'bad-option' },
    );
  const lacking = lacks.flatMap((filter) => {
    if (filter === 'evals') return evals?.only ? ['--evals-only'] : evals?.all ? ['--all-evals'] : [];
    return filter in filters ? [flags[filter] ?? filter] : [];
  });
  if (lacking.length > 0)
    throw new InputError(
      `${lacking.join(', ')}: the configs follow ${name} (${field}), which has no such option`,
      'leave it out, or write the configs in the new format with `inferencemax config migrate`',
    );
  if (singleNode && multiNode && !takesBothKinds)
    throw new InputError(
      `--single-node and --multi-node exclude each other if configs follow ${name} (${field})`,
      'without either there are both kinds',
      { code: 'conflicting-options' },
    );
}

/** Removes filters that the contract does not support and the user did not request. */
export function withoutLacking<Some extends Filters>({ evals, ...filters }: Some, { lacks }: Generator) {
  return evals === undefined || lacks.includes('evals') ? filters : { ...filters, evals };
}
