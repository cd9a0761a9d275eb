import type { z } from 'zod';
import { bytesOfFile, NotAFile, TooLong } from '../bounded-read.ts';
import { type Fault, InputError, messageOf } from '../errors.ts';
import { withoutLinkedContent } from './linked-file.ts';
import { meansOtherInOlderYaml, plainYaml } from './plain-yaml.ts';
import { problemsOf } from './problems.ts';
import type { YamlFile, YamlReading, YamlVersion } from './yaml-positions.ts';

/** Larger files are refused without being read: configs are much smaller, and the limit bounds the time to parse. */
const maxBytes = 4 * 1024 * 1024;

/** A file that matches its schema. */
export interface Checked<Schema extends z.ZodType> {
  readonly file: string;
  readonly data: z.output<Schema>;
  /** Positions of its parts, computed on demand. */
  located(): Promise<YamlFile>;
}

/** The expected form of a file, and how to read it. */
export interface YamlForm<Schema extends z.ZodType> {
  readonly schema: Schema;
  readonly yaml: YamlVersion;
  /** Problems of the file as a whole, by key; if there are any, the schema is not applied. */
  readonly faults?: readonly (Fault & { readonly path: readonly PropertyKey[] })[];
}

/** Reads a YAML file and checks it against a schema; throws InputError with every problem, each with its position. */
export async function readYamlAs<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  reading: YamlReading = {},
): Promise<Checked<Schema>> {
  return await readYamlOf(file, () => ({ schema, yaml: reading.yaml ?? '1.2' }), reading);
}

/** Reads a YAML file whose content decides which form it must have. */
export async function readYamlOf<Schema extends z.ZodType>(
  file: string,
  formOf: (content: unknown) => YamlForm<Schema>,
  reading: YamlReading = {},
): Promise<Checked<Schema>> {
  return await withoutLinkedContent(
    file,
    async () => await parseYamlOf(file, await readText(file), formOf, reading),
  );
}

/** `readYamlAs` for text that came from `file`. */
export async function parseYamlAs<Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
  reading: YamlReading = {},
): Promise<Checked<Schema>> {
  return await parseYamlOf(file, text, () => ({ schema, yaml: reading.yaml ?? '1.2' }), reading);
}

/** `readYamlOf` for text that came from `file`. */
export async function parseYamlOf<Schema extends z.ZodType>(
  file: string,
  text: string,
  formOf: (content: unknown) => YamlForm<Schema>,
  { yaml: likely = '1.2', ...reading }: YamlReading = {},
): Promise<Checked<Schema>> {
  if (text.length > maxBytes)
    throw new InputError([{ file, message: new TooLong(maxBytes).message }], undefined, {
      code: 'file-unreadable',
    });
  // The fast parser forgets how a float was written.
  const plain = reading.floats === 'as-written' ? undefined : plainYaml(text);
  const quickForm = plain === undefined ? undefined : formOf(plain);
  if (quickForm !== undefined && (quickForm.yaml === '1.2' || !meansOtherInOlderYaml(text))) {
    const quick = quickForm.schema.safeParse(plain);
    const located = async () =>
      (await import('./yaml-positions.ts')).parseYaml(file, text, quickForm.yaml, reading);
    if (quick.success) return { file, data: quick.data, located };
  }
  const { parseYaml } = await import('./yaml-positions.ts');
  const read = parseYaml(file, text, likely, reading);
  const form = formOf(read.value);
  const yaml = form.yaml === likely ? read : parseYaml(file, text, form.yaml, reading);
  const { faults = [] } = form;
  if (faults.length > 0)
    throw new InputError(
      faults.map(({ path, ...fault }) => ({ ...yaml.locate(path, 'key'), ...fault })),
      undefined,
      { code: 'bad-config' },
    );
  const parsed = form.schema.safeParse(yaml.value, { reportInput: true });
  if (!parsed.success)
    throw new InputError(problemsOf(yaml, form.schema, parsed.error), undefined, { code: 'bad-config' });
  return { file, data: parsed.data, located: async () => yaml };
}

async function readText(file: string): Promise<string> {
  const bytes = await bytesOfFile(file, maxBytes).catch((error: unknown) => {
    const own = error instanceof TooLong || error instanceof NotAFile;
    throw new InputError(
      [{ file, message: own ? error.message : `cannot be read: ${messageOf(error)}` }],
      undefined,
      { code: 'file-unreadable' },
    );
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError([
      { code: 'bad-yaml', file, message: 'is not UTF-8 text', hint: 'save it as UTF-8' },
    ]);
  }
}
