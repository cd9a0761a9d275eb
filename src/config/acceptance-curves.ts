import { z } from 'zod';
import { InputError } from '../errors.ts';
import { readYamlAs } from './yaml-file.ts';

/** The modes of a model with a switch for reasoning. */
export const thinkingModes = ['thinking_on', 'thinking_off'] as const;
export type ThinkingMode = (typeof thinkingModes)[number];

const lengths = z
  .record(
    z.string().regex(/^[1-9]\d*$/, 'expected a number of speculative tokens, such as 3'),
    z.number().min(1, 'expected a length of at least 1, the token of the model itself'),
  )
  .refine(
    (all) => Object.entries(all).every(([tokens, length]) => length <= Number(tokens) + 1),
    'a step with k speculative tokens yields at most k + 1 tokens',
  );

/**
 * A file of acceptance lengths (contract F8): for each model, its mean tokens per verification step by speculative
 * tokens per draft.
 */
export const acceptanceFileSchema = z.record(
  z.string().min(1),
  z.strictObject({ thinking_on: lengths.optional(), thinking_off: lengths.optional() }),
);
export type AcceptanceFile = z.infer<typeof acceptanceFileSchema>;

/** The text of a file of acceptance lengths, with two decimals, as the public files have. */
export function acceptanceText(curves: AcceptanceFile, comments: readonly string[]): string {
  const models = Object.entries(curves).map(([model, modes]) => {
    const parts = thinkingModes.flatMap((mode) => {
      const of = modes[mode];
      if (of === undefined) return [];
      const lines = Object.entries(of).toSorted(([a], [b]) => Number(a) - Number(b));
      return [`  ${mode}:`, ...lines.map(([tokens, length]) => `    ${tokens}: ${length.toFixed(2)}`)];
    });
    return [`${keyText(model)}:`, ...parts].join('\n');
  });
  return `${[...comments.map((comment) => `# ${comment}`), ...models].join('\n')}\n`;
}

function keyText(key: string): string {
  return /^[A-Za-z][\w./-]*$/.test(key) ? key : JSON.stringify(key);
}

/** Reads a file of acceptance lengths. Throws InputError with every problem. */
export async function readAcceptanceFile(file: string): Promise<AcceptanceFile> {
  return (await readYamlAs(file, acceptanceFileSchema)).data;
}

/** The parts of a curve's name, such as `dsv4_mtp` or `dsv4_mtp:thinking_off`. */
export function curveNameOf(
  name: string,
): { readonly stem: string; readonly mode: ThinkingMode } | undefined {
  const [, stem, mode = 'thinking_on'] = /^([\w][\w.-]*?)(?::(.+))?$/.exec(name) ?? [];
  const known = thinkingModes.find((one) => one === mode);
  return stem === undefined || known === undefined ? undefined : { stem, mode: known };
}

/** The lengths of a file's only model in one mode. Throws InputError if there is not exactly one. */
export function lengthsIn(
  file: string,
  curves: AcceptanceFile,
  mode: ThinkingMode,
): Readonly<Record<string, number>> {
  const [[model, modes] = [], ...more] = Object.entries(curves);
  if (model === undefined || more.length > 0)
    throw new InputError(
      `${file} has acceptance lengths of ${more.length === 0 ? 'no model' : `${more.length + 1} models`}`,
      'a curve is a file with one model',
      { code: 'not-measurable' },
    );
  const found = modes?.[mode];
  if (found !== undefined) return found;
  throw new InputError(
    `${file} has no lengths for ${mode}`,
    `it has ${Object.keys(modes ?? {}).join(', ')}`,
    {
      code: 'not-measurable',
    },
  );
}
