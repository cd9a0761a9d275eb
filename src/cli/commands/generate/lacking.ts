import { InputError } from '../../../errors.ts';
import type { Generator, SweepFilters, TestFilters } from '../../../matrix/index.ts';
import type { NodeKindOptions } from './options.ts';

type Filters = SweepFilters & TestFilters;

/** The options that not every contract has, by what they ask for. */
const flags: Readonly<Partial<Record<keyof Filters, string>>> = {
  minConc: '--min-conc',
  scenarios: '--scenario-type',
  nodeFilter: '--runner-node-filter',
  concurrencies: '--conc',
};

/** Throws InputError for options and values that the contract of the configs does not have: that is bad usage. */
export function refuseWhatIsLacking(
  { contract: { name, field }, lacks, seqLenNames, takesBothKinds }: Generator,
  { evals, seqLens = [], ...filters }: Filters,
  { singleNode, multiNode }: NodeKindOptions,
): void {
  const shapes = Object.values(seqLenNames);
  const unknown = seqLens.filter((shape) => !shapes.includes(shape));
  if (unknown.length > 0)
    throw new InputError(
      `--seq-lens ${unknown.join(' ')}: the configs are of ${name} (${field}), which has ${shapes.join(', ')}`,
    );
  const lacking = lacks.flatMap((filter) => {
    if (filter === 'evals') return evals?.only ? ['--evals-only'] : evals?.all ? ['--all-evals'] : [];
    return filter in filters ? [flags[filter] ?? filter] : [];
  });
  if (lacking.length > 0)
    throw new InputError(
      `${lacking.join(', ')}: the configs are of ${name} (${field}), which has no such option`,
      'leave it out, or write the configs in the new form with `inferencemax config migrate`',
    );
  if (singleNode && multiNode && !takesBothKinds)
    throw new InputError(
      `--single-node and --multi-node exclude each other where configs are of ${name} (${field})`,
      'without either there are both kinds',
    );
}

/** Filters without those that the contract does not have and that nobody asked for. */
export function withoutLacking<Some extends Filters>({ evals, ...filters }: Some, { lacks }: Generator) {
  return evals === undefined || lacks.includes('evals') ? filters : { ...filters, evals };
}
