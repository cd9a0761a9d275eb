import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type ChangelogCase,
  changelogCases,
  changelogName,
  contentOf,
  fileOf,
  resultOf,
  textsOf,
  unordered,
} from '../../test/support/changelog-cases.ts';
import { parseMasterConfigs, parseRunnerPools } from '../config/index.ts';
import { AddedBetween } from './between.ts';
import type { Configured } from './contract.ts';
import { pullLinks } from './links.ts';
import { canonicalized, resolved } from './prepare.ts';
import { StrictChangelog } from './strict-changelog.ts';

const folder = join(import.meta.dirname, 'testdata', 'august');
const cases = changelogCases(folder);

async function configured(texts: ReadonlyMap<string, string>): Promise<Configured> {
  const masters = [...texts].filter(([path]) => path.endsWith('-master.yaml'));
  const runners = 'configs/runners.yaml';
  return {
    configs: await parseMasterConfigs(new Map(masters)),
    pools: await parseRunnerPools(runners, texts.get(runners) ?? ''),
  };
}

async function matrixOf(one: ChangelogCase): Promise<unknown> {
  if ('stages' in one) throw new Error('a conflict has no matrix');
  const { before, after } = textsOf(one, folder);
  const changelog = (texts: ReadonlyMap<string, string>) => [
    { file: changelogName, text: texts.get(changelogName) ?? '' },
  ];
  const modifiers = {
    trimConc: one.args.includes('--trim-conc'),
    allEvals: one.args.includes('--all-evals'),
    evalsOnly: one.args.includes('--evals-only'),
  };
  const added = await AddedBetween.of(
    { before: changelog(before), after: changelog(after), refs: { base: 'HEAD~1', head: 'HEAD' } },
    { head: await configured(after), base: async () => await configured(before) },
    modifiers,
  );
  return await added.rerun();
}

async function preparedOf(one: ChangelogCase): Promise<string> {
  const strict = async (name: string, text: string) => await StrictChangelog.parse(name, Buffer.from(text));
  const repository = one.args[one.args.indexOf('--repo') + 1];
  if (one.args.includes('--repo')) throw new Error(`links of ${repository} are refused by the command`);
  const pull = { number: 42, links: pullLinks() };
  if ('stages' in one) {
    const base = contentOf(folder, one.stages.base);
    return resolved(
      {
        base: await strict('base', base),
        branch: await strict('branch', contentOf(folder, one.stages.pr, base)),
        main: await strict('main', contentOf(folder, one.stages.main, base)),
      },
      pull,
    );
  }
  const { before, after } = textsOf(one, folder);
  const text = (texts: ReadonlyMap<string, string>) => texts.get(changelogName) ?? '';
  return canonicalized(await strict('base', text(before)), await strict(changelogName, text(after)), pull);
}

describe('what the public tools of August make of small changes', () => {
  test('there are cases', () => expect(cases.length).toBeGreaterThan(60));

  test.each(cases.filter(({ tool }) => tool !== 'prepare').map((one) => [one.name, one] as const))(
    'matrix of %s',
    async (_, one) => {
      const made = matrixOf(one);
      if (one.exit !== 0) {
        await expect(made.then(() => 'a matrix', String)).resolves.toMatchSnapshot();
        await expect(made).rejects.toThrow();
      } else if ('output' in one && one.output !== undefined) {
        const golden: unknown = JSON.parse(String(fileOf(folder, one.output)));
        expect(unordered(await made)).toEqual(unordered(golden));
      } else await made;
    },
  );

  test.each(cases.filter(({ tool }) => tool === 'prepare').map((one) => [one.name, one] as const))(
    'before a merge: %s',
    async (_, one) => {
      const made = preparedOf(one);
      if (one.exit === 0) expect(await made).toBe(resultOf(one, folder));
      else {
        await expect(made.then(() => 'a file', String)).resolves.toMatchSnapshot();
        await expect(made).rejects.toThrow();
      }
    },
  );
});
