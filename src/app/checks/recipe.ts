import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { defined } from '../../defined/defined.ts';
import { engineFor } from '../../engines/index.ts';
import { InputError } from '../../errors.ts';
import { nodesFault } from '../../launchers/index.ts';
import { packageRoot } from '../../package-root.ts';
import { nearestRecipe, nodesOf, recipeName } from '../../plan/index.ts';
import { shownCommand } from '../plan-report.ts';
import { type Check, type Found, onNodes } from './check.ts';
import { isKnown, misspelledPrecision } from './framework.ts';

export const recipe: Check = {
  name: 'recipe',
  code: 'no-recipe',
  looksAt: 'whether there is a recipe, and whether its code returns a server for every entry',
  find: async ({ entry, hardware, chosen, sessions, planning, isUnheeded }) => {
    // Without a known framework and precision there is no name to look for.
    if (!isKnown(entry.framework) || misspelledPrecision(entry.precision) !== undefined) return [];
    const name = recipeName(entry, hardware);
    const near = await nearestRecipe(entry, hardware);
    // A name close to one of ours may be a typo; any other is a model of the user.
    if (chosen?.is === 'generic' && near !== undefined && planning.length === 0)
      return [
        {
          severity: 'warning',
          message: `no recipe benchmarks/${name}.ts: using the generic recipe of ${entry.framework}`,
          hint: `the nearest one is ${near}; if you meant that model, correct the config`,
        },
      ];
    if (sessions.length > 0) return [];
    if (chosen === undefined) {
      const advice = near === undefined ? '' : `; the nearest one is ${near}: copy it, or correct the config`;
      return [
        {
          severity: 'cannot-plan',
          message: `no recipe benchmarks/${name}.ts`,
          hint: `the config can be generated but not run${advice}`,
        },
      ];
    }
    return planning.map(({ message, hint, ...at }) => ({
      severity: isUnheeded ? 'cannot-plan' : 'error',
      message,
      ...defined({ hint, at: at.file === undefined ? undefined : at }),
    }));
  },
};

/** The folder in which users of an installed product would put a recipe. */
const ownFolder = 'benchmarks';

export const recipeFolder: Check = {
  name: 'recipe folder',
  code: 'bad-recipe',
  looksAt: 'whether a recipe is in a folder of the user, from which recipes are not read',
  find: ({ entry, hardware }) => {
    const own = join(ownFolder, `${recipeName(entry, hardware)}.ts`);
    const product = join(packageRoot, ownFolder);
    if (!existsSync(own) || realpathSync(ownFolder) === realpathSync(product)) return [];
    return [
      {
        severity: 'error',
        at: { file: own },
        message: `it is not read: recipes are code of the product, and read from ${product}`,
        hint: `move it there, in a clone of the product, or remove it to use the generic recipe of ${entry.framework}`,
      },
    ];
  },
};

export const engine: Check = {
  name: 'engine',
  code: 'not-measurable',
  looksAt:
    'whether the engine has a command on every node, and whether its launcher can start all of its parts',
  find: async (subject) => {
    if (!isKnown(subject.entry.framework)) return [];
    const found: Found[] = [];
    for (const session of subject.sessions) {
      const faults = await onNodes(subject, (node) => {
        const spans = nodesFault(node.settings, nodesOf(session.server));
        if (spans !== undefined) return { ...spans, message: `the engine ${spans.message}` };
        try {
          shownCommand(session, node);
          return undefined;
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
          const [problem] = error.problems;
          return problem && { message: problem.message, ...defined({ hint: problem.hint }) };
        }
      });
      found.push(
        ...faults.map(({ who: _, ...fault }) => ({
          severity: 'error' as const,
          field: 'framework',
          ...fault,
          message: `framework ${engineFor(session.framework).framework}: ${fault.message}`,
        })),
      );
    }
    return found;
  },
};
