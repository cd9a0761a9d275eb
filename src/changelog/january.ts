import { january as contract } from '../config/index.ts';
import { InputError } from '../errors.ts';
import { isMultiNode, isSingleNode, type MatrixEntry, seqLenName, testConfig } from '../matrix/index.ts';
import type { Additions, AskedKeys, ChangelogContract, Sides } from './contract.ts';
import { januaryEntrySchema } from './entry.ts';
import { requestsOf } from './requests.ts';

/** Each config runs once, whole, however often it is named (contract §3). */
export const januaryChangelog: ChangelogContract = {
  name: contract.name,
  reading: {},
  entry: januaryEntrySchema,
  linesStay: false,
  asked: askedKeys,
  rerun: async (additions, sides) => {
    const entries = measured(additions, sides);
    const { base, head } = additions.refs;
    return {
      single_node: byShape(entries.filter(isSingleNode)),
      multi_node: byShape(entries.filter(isMultiNode)),
      changelog_metadata: {
        base_ref: base,
        head_ref: head,
        entries: additions.added.map(({ entry }) => entry),
      },
    };
  },
  measured: async (additions, sides) => measured(additions, sides),
};

function askedKeys({ added, modifiers }: Additions): AskedKeys[] {
  const [flag] = Object.entries(modifiers).flatMap(([name, isOn]) => (isOn === true ? [options[name]] : []));
  if (flag !== undefined)
    throw new InputError(
      `${flag} needs configs in the August 2026 format (scenarios), but these have that of ${contract.name} (${contract.field})`,
      '`inferencemax config migrate` converts them to the new format',
      { code: 'bad-changelog' },
    );
  const requests = requestsOf(added, {});
  return added.map((one) => {
    const request = requests.find(({ located }) => located === one);
    return { ...one, throughput: request?.throughput ?? [], evals: [] };
  });
}

const options: Readonly<Record<string, string>> = {
  trimConc: '--trim-conc',
  allEvals: '--all-evals',
  evalsOnly: '--evals-only',
};

function measured(additions: Additions, { head }: Sides): MatrixEntry[] {
  const keys = askedKeys(additions).flatMap(({ throughput }) => throughput);
  return testConfig(head.configs, keys, head.pools);
}

function byShape<Entry extends MatrixEntry>(entries: readonly Entry[]): Record<string, Entry[]> {
  return Object.fromEntries(Map.groupBy(entries, ({ isl, osl }) => seqLenName(isl, osl)));
}
