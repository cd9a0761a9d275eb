import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { sorted } from '../../app/checked-plan.ts';
import {
  type ConfigsByRecipe,
  configsByRecipe,
  examineEntries,
  type UsedRecipe,
  usedRecipes,
} from '../../app/checks/index.ts';
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
import { fileOfPool, loadPool } from '../../launchers/index.ts';
import { decide } from '../../matrix/index.ts';
import { printableLines } from '../../printable.ts';
import { jsonOption } from '../options.ts';
import { tellError } from '../report.ts';

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
  /** The configs by their recipes; absent if they cannot be read. */
  readonly configs?: ConfigsByRecipe;
  /** The contract that the configs follow, recognised by their form; absent if they cannot be read. */
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
      const { errors, warnings, recipes, configs, contract } = await findings(
        options,
        self.getOptionValueSource('changelogFile') !== 'default',
      );
      if (options.json)
        process.stdout.write(`${JSON.stringify({ contract, errors, warnings, recipes, configs })}\n`);
      else if (contract !== undefined) process.stdout.write(`contract: ${contract}\n`);
      for (const warning of options.json ? [] : warnings)
        process.stdout.write(`warning: ${printableLines(formatProblem(warning))}\n`);
      if (!options.json)
        for (const line of [...recipesInWords(recipes), ...configsInWords(configs)])
          process.stdout.write(`${printableLines(line)}\n`);
      if (errors.length > 0) {
        // The JSON document already contains the errors.
        process.exitCode = tellError(new InputError(errors));
        return;
      }
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
  const reached = [...(pools ?? [])].filter(([name]) => existsSync(fileOfPool(name, runnersFolder())));
  const unreached = unreachedPools([...(pools?.keys() ?? [])].filter((name) => !new Map(reached).has(name)));
  for (const [name, nodes] of reached)
    await collect(async () =>
      unreached.push(...(await (await loadPool(name, runnersFolder())).unusedOverrides(nodes))),
    );
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
  const { problems, subjects } = await examineEntries(entries);
  // Pools without a file are reported together in one line.
  const ofConfigs = problems.filter(({ check }) => check !== 'pool' || unreached.length === 0);
  const found = sorted(ofConfigs, options.requireRecipes ? 'plan' : 'generate');
  const recipes = usedRecipes(subjects);
  const lacking = options.requireRecipes ? recipes.filter(({ is }) => is === 'generic') : [];
  const ofNone = lacking.map(({ model, runner, why }) => ({
    message: `${model} on ${runner} has no recipe: ${why}`,
    hint: 'add it to benchmarks/',
  }));
  return {
    errors: once([...errors, ...unknownRunners(configs, pools), ...found.errors, ...ofNone]),
    warnings: once([...likelyMisspellings(configs), ...unreached, ...found.warnings]),
    recipes,
    configs: configsByRecipe(decisions, subjects),
    contract,
  };
}

/** The recipes that are not specific to the config's model and hardware; each reason is given only once. */
function recipesInWords(recipes: readonly UsedRecipe[]): string[] {
  const said = new Set<string>();
  return recipes.flatMap(({ model, runner, recipe, is, why, reasons }) => {
    if (is === 'own') return [];
    const fresh = Object.entries(reasons)
      .map(([flag, reason]) => `  ${flag}: ${reason}`)
      .filter((line) => !said.has(recipe + line));
    for (const line of fresh) said.add(recipe + line);
    return [`recipe: ${model} on ${runner}: ${recipe} (${is}), because ${why}`, ...fresh];
  });
}

/** The configs that cannot run here, and how many others can; empty if all can. */
function configsInWords(configs: ConfigsByRecipe | undefined): string[] {
  if (configs === undefined) return [];
  const { own, generic, none } = configs;
  if (none.length === 0) return [];
  return [
    `configs with their own recipe: ${own.length}, with that of their engine for any model: ${generic.length}`,
    ...listed(none, 'there is no recipe or no engine for them here yet'),
  ];
}

function listed(keys: readonly string[], why: string): string[] {
  if (keys.length === 0) return [];
  return [
    `configs that can be generated and not run, because ${why}: ${keys.length}`,
    ...keys.map((key) => `  ${key}`),
  ];
}

/** Removes duplicates: problems of a pool would repeat for every config that uses it. */
function once(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((problem) => [formatProblem(problem), problem])).values()];
}

/** The pools without a file in `runners/`, as one problem. */
function unreachedPools(pools: readonly string[]): Problem[] {
  const [first] = pools;
  if (first === undefined) return [];
  const message =
    pools.length === 1 ? `no ${fileOfPool(first, runnersFolder())}` : `no files in ${runnersFolder()}`;
  const hint = `nothing says how the nodes of ${pools.length === 1 ? 'pool' : 'pools'} ${pools.join(', ')} are reached`;
  return [{ message, hint }];
}
