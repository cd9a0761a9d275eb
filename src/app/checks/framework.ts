import { closest } from '../../config/index.ts';
import { engines, publicFrameworks } from '../../engines/index.ts';
import { precisions } from '../../identity/index.ts';
import type { Check } from './check.ts';

export const framework: Check = {
  name: 'framework',
  code: 'unknown-framework',
  looksAt: 'the framework of a config, and the known engines',
  find: ({ entry }) => {
    if (isKnown(entry.framework)) return [];
    if (publicFrameworks.has(entry.framework))
      return [
        {
          severity: 'cannot-plan',
          field: 'framework',
          message: `framework: there is no engine '${entry.framework}' here yet`,
          hint: 'the config can be generated but not run; docs/add-an-engine.md says how to add one',
        },
      ];
    const names = engines.map((engine) => engine.framework);
    const near = closest(entry.framework, names);
    return [
      {
        severity: 'error',
        field: 'framework',
        message: `framework: unknown engine '${entry.framework}'`,
        hint: near === undefined ? `known engines: ${names.join(', ')}` : `did you mean '${near}'?`,
      },
    ];
  },
};

/** Whether there is an engine for a framework. */
export function isKnown(name: string): boolean {
  return engines.some((engine) => engine.framework === name);
}

export const precision: Check = {
  name: 'precision',
  looksAt: 'whether the precision has the usual spelling',
  find: ({ entry }) => {
    const meant = misspelledPrecision(entry.precision);
    if (meant === undefined) return [];
    return [
      {
        severity: 'error',
        field: 'precision',
        message: `precision: expected '${meant}', found '${entry.precision}'`,
        hint: 'recipes, filters and results distinguish precisions by their exact spelling',
      },
    ];
  },
};

/** The known precision that `written` spells in another letter case; undefined if there is none. */
export function misspelledPrecision(written: string): string | undefined {
  const small = written.toLowerCase();
  return written !== small && precisions.has(small) ? small : undefined;
}
