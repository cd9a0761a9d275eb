import { Command, Option } from 'commander';
import { InputError } from '../../../errors.ts';
import { printable } from '../../../printable.ts';
import {
  type Job,
  type JobProcess,
  jobOf,
  namedVariant,
  nodesOf,
  type ReadRecipe,
  readSrtRecipes,
} from '../../../srt-slurm/index.ts';
import { jsonOption } from '../../options.ts';
import { quoted } from '../../quoted.ts';

interface PlanOptions {
  readonly nodes?: readonly string[];
  readonly logs: string;
  readonly json?: true;
}

/** `inferencemax srt-slurm plan`. */
export function planCommand(): Command {
  return new Command('plan')
    .description(
      'Prints the exact command, environment and files of every process of a recipe, node by node.',
    )
    .argument('<file>', 'recipe file; FILE:SELECTOR for a part of it, such as FILE:zip_override_low[0]')
    .addOption(
      new Option(
        '--nodes <nodes...>',
        'nodes as name=address, or names alone (default: node-0, node-1 and so on)',
      ),
    )
    .addOption(new Option('--logs <folder>', 'log folder on the nodes').default('logs'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  inferencemax srt-slurm plan recipes/disagg-gb200-1p1d.yaml
  inferencemax srt-slurm plan recipes/disagg-gb200-1p1d.yaml --nodes n0=10.0.0.1 n1=10.0.0.2 --json`,
    )
    .action(async (named: string, { nodes, logs, json }: PlanOptions) => {
      const { file, selector } = namedVariant(named);
      const recipes = await readSrtRecipes(file, selector);
      const plans = recipes.map((one) => ({ ...one, job: plannedOn(one, nodes, logs) }));
      process.stdout.write(
        json === true
          ? `${JSON.stringify(
              plans.map(({ suffix, recipe: { name }, job }) => ({ suffix, name, ...job })),
              undefined,
              2,
            )}\n`
          : `${plans.map(described).join('\n\n')}\n`,
      );
    });
}

function plannedOn({ recipe, suffix }: ReadRecipe, given: readonly string[] | undefined, logs: string): Job {
  const needed = nodesOf(recipe);
  const named = given ?? Array.from({ length: needed }, (_, index) => `node-${index}`);
  if (named.length < needed)
    throw new InputError(
      `${recipe.name} needs ${needed} nodes, and --nodes has ${named.length}`,
      `name ${needed} nodes, or choose another variant than ${suffix}`,
    );
  const addresses = new Map(
    named.slice(0, needed).map((one) => {
      const [node = one, address = node] = one.split('=');
      return [node, address];
    }),
  );
  if (addresses.size < needed)
    throw new InputError('--nodes names a node twice', `name ${needed} different nodes`);
  const addressOf = (node: string) => addresses.get(node) ?? node;
  return jobOf(recipe, { nodes: [...addresses.keys()], addressOf, logs });
}

function described({ suffix, recipe, job }: ReadRecipe & { readonly job: Job }): string {
  return [
    printable(
      `${recipe.name} (${suffix}): ${job.nodes.length} ${job.nodes.length === 1 ? 'node' : 'nodes'}, ${job.processes.length} processes`,
    ),
    ...job.processes.flatMap(processLines),
    ...Object.entries(job.files).flatMap(([name, content]) => [
      `  file ${name}`,
      ...(typeof content === 'string' ? content : JSON.stringify(content, undefined, 2))
        .trimEnd()
        .split('\n')
        .map((line) => printable(`    ${line}`)),
    ]),
  ].join('\n');
}

function processLines({
  role,
  index,
  nodes,
  argv,
  env,
  unset = [],
  ranks,
  container,
  setupScript,
}: JobProcess): string[] {
  const facts = [
    ...(ranks === undefined ? [] : [`${ranks} ranks`]),
    ...(container === undefined ? [] : [`in ${container}`]),
    ...(setupScript === undefined ? [] : [`after ${setupScript}`]),
  ];
  const name = index === undefined ? role : `${role} ${index}`;
  return [
    `  ${name} on ${nodes.join(', ')}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`,
    ...unset.map((variable) => `    unset ${variable}`),
    ...Object.keys(env).map((variable) => `    ${quoted([], { [variable]: env[variable] ?? '' })}`),
    `    ${quoted(argv)}`,
  ].map(printable);
}
