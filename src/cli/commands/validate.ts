import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { sorted } from '../../app/checked-plan.ts';
import { checkEntries, type UsedRecipe, usedRecipes } from '../../app/checks/index.ts';
import {
  defaultConfigFiles,
  defaultRunnerConfig,
  runnersFolder,
  unreadConfigFiles,
} from '../../app/default-files.ts';
import { userFailures } from '../../app/known-failures.ts';
import { decidedOf, locatedEntries } from '../../app/located-entries.ts';
import { Changelog, workingChangelog } from '../../changelog/index.ts';
import {
  contractOfConfigs,
  likelyMisspellings,
  loadGpuConstants,
  loadLocatedConfigs,
  loadRunnerPools,
  unknownRunners,
  withoutLinkedContent,
} from '../../config/index.ts';
import { defined } from '../../defined/defined.ts';
import { formatProblem, InputError, type Problem } from '../../errors.ts';
import { loadPool } from '../../launchers/index.ts';
import { decide } from '../../matrix/index.ts';
import { printableLines } from '../../printable.ts';
import { jsonOption } from '../options.ts';

interface ValidateOptions {
  readonly configFiles?: readonly string[];
  readonly runnerConfig?: string;
  readonly changelogFile: string;
  readonly requireRecipes?: true;
  readonly json?: true;
}

/** The findings of a validation: errors make the files unusable; warnings are about things that may be unintended. */
interface Findings {
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
  readonly recipes: readonly UsedRecipe[];
  /** The contract that the configs follow, recognized by their form; absent if they cannot be read. */
  readonly contract?: string;
}

/** `inferencemax validate`: reports all problems of the YAML files at once. */
export function command(): Command {
  return new Command('validate')
    .description(
      'Checks master configs, runner pools, the changelog and runners/known-failures.yaml, and that everything in them can be run: images, models, layouts and recipes against the pools.',
    )
    .addOption(
      new Option('--config-files <files...>', 'master config files (default: those in .github/configs)'),
    )
    .addOption(
      new Option('--runner-config <file>', 'runner pool file (default: .github/configs/runners.yaml)'),
    )
    .addOption(new Option('--changelog-file <file>', 'the changelog').default('perf-changelog.yaml'))
    .addOption(new Option('--require-recipes', 'treat a config without its own recipe as an error'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax validate\n\nExit codes: 0 no errors (there may be warnings), 2 errors.',
    )
    .action(async (options: ValidateOptions, self: Command) => {
      const { errors, warnings, recipes, contract } = await findings(
        options,
        self.getOptionValueSource('changelogFile') !== 'default',
      );
      if (options.json) process.stdout.write(`${JSON.stringify({ contract, errors, warnings, recipes })}\n`);
      else if (contract !== undefined) process.stdout.write(`contract: ${contract}\n`);
      for (const warning of options.json ? [] : warnings)
        process.stdout.write(`warning: ${printableLines(formatProblem(warning))}\n`);
      if (!options.json)
        for (const line of recipes.flatMap(recipeInWords)) process.stdout.write(`${printableLines(line)}\n`);
      if (errors.length > 0) throw new InputError(errors);
      if (!options.json)
        process.stdout.write(
          `no errors, ${warnings.length} ${warnings.length === 1 ? 'warning' : 'warnings'}\n`,
        );
    });
}

/** @param named Whether the user named the changelog; the default one may be missing. */
async function findings(options: ValidateOptions, named: boolean): Promise<Findings> {
  const errors: Problem[] = [];
  const collect = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      errors.push(...error.problems);
      return undefined;
    }
  };
  await collect(async () => await loadGpuConstants());
  await collect(async () => await userFailures());
  const files = options.configFiles ?? defaultConfigFiles();
  const configs = await collect(async () => await loadLocatedConfigs(files));
  const pools = await collect(
    async () => await loadRunnerPools(options.runnerConfig ?? defaultRunnerConfig(options.configFiles)),
  );
  const isThere = named || existsSync(options.changelogFile);
  const changelog = await collect(async () => (isThere ? await workingChangelog(options.changelogFile) : []));
  const yaml = configs && contractOfConfigs(configs.configs, new Map()).yaml;
  for (const { file, text } of changelog ?? [])
    await collect(
      async () =>
        await withoutLinkedContent(file, async () =>
          (await Changelog.parse(file, text, defined({ yaml }))).check(),
        ),
    );
  const unreached: Problem[] = [];
  for (const [name, nodes] of pools ?? []) {
    await collect(async () => unreached.push(...(await unreachedNodes(name, nodes))));
  }
  const unread = options.configFiles === undefined ? unreadConfigFiles() : [];
  errors.push(...unread);
  if (configs === undefined || pools === undefined) return { errors, warnings: unreached, recipes: [] };
  const decided = await collect(async () => {
    const { name, field } = contractOfConfigs(configs.configs, pools);
    const decisions = await decidedOf(() => decide(configs.configs, pools), files);
    return { decisions, contract: `${name} (${field})` };
  });
  if (decided === undefined) return { errors, warnings: unreached, recipes: [] };
  const { decisions, contract } = decided;
  const entries = locatedEntries(decisions, pools, files);
  const checked = await checkEntries(entries);
  const found = sorted(checked, options.requireRecipes ? 'plan' : 'generate');
  const recipes = await usedRecipes(entries);
  const lacking = options.requireRecipes ? recipes.filter(({ is }) => is === 'generic') : [];
  const ofNone = lacking.map(({ model, runner, why }) => ({
    message: `${model} on ${runner} has no recipe: ${why}`,
    hint: 'add it to benchmarks/',
  }));
  return {
    errors: once([...errors, ...unknownRunners(configs, pools), ...found.errors, ...ofNone]),
    warnings: once([...likelyMisspellings(configs), ...unreached, ...found.warnings]),
    recipes,
    contract,
  };
}

/** The recipe that is used, if it is not specific to the config's model and hardware. */
function recipeInWords({ model, runner, recipe, is, why, reasons }: UsedRecipe): string[] {
  if (is === 'own') return [];
  return [
    `recipe: ${model} on ${runner}: ${recipe} (${is}), because ${why}`,
    ...Object.entries(reasons).map(([flag, reason]) => `  ${flag}: ${reason}`),
  ];
}

/** Removes duplicates: problems of a pool would repeat for every config that uses it. */
function once(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [formatProblem(problem), problem])).values()];
}

/**
 * Finds pools without a file in `runners/`, and overrides for nodes that a pool does not have. Throws if a file is
 * invalid.
 */
async function unreachedNodes(pool: string, nodes: readonly string[]): Promise<Problem[]> {
  const file = join(runnersFolder(), `${pool}.yaml`);
  if (existsSync(file)) return await (await loadPool(pool, runnersFolder())).unusedOverrides(nodes);
  return [{ message: `no ${file}`, hint: `nothing says how the nodes of pool ${pool} are reached` }];
}
