import { Command } from 'commander';
import { namedVariant, readSrtRecipes, recipeText } from '../../../srt-slurm/index.ts';
import { jsonOption } from '../../options.ts';

/** `inferencemax srt-slurm show`. */
export function showCommand(): Command {
  return new Command('show')
    .description('Prints the recipes of a file, with overrides merged into the base.')
    .argument('<file>', 'recipe file; FILE:SELECTOR for a part of it, such as FILE:zip_override_low[0]')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
A selector is base, a section, one variant of a zipped section, or a pattern of sections with * and ?.

Examples:
  inferencemax srt-slurm show recipes/glm5-mtp.yaml
  inferencemax srt-slurm show 'recipes/glm5-mtp.yaml:zip_override_*' --json`,
    )
    .action(async (named: string, { json }: { readonly json?: true }) => {
      const { file, selector } = namedVariant(named);
      const recipes = await readSrtRecipes(file, selector);
      const shown = recipes.map(({ suffix, written }) => ({ suffix, recipe: written }));
      process.stdout.write(
        json === true
          ? `${JSON.stringify(shown, undefined, 2)}\n`
          : shown.map(({ suffix, recipe }) => `# ${suffix}\n${recipeText(recipe)}`).join('---\n'),
      );
    });
}
