import type { z } from 'zod';
import { bytesOfFile, NotAFile, TooLong } from '../bounded-read.ts';
import { InputError, messageOf } from '../errors.ts';
import { withoutLinkedContent } from './linked-file.ts';
import { plainYaml } from './plain-yaml.ts';
import { problemsOf } from './problems.ts';
import type { YamlFile } from './yaml-positions.ts';

/** Larger files are refused unread: no config comes near it, and parsing stays bounded. */
const maxBytes = 4 * 1024 * 1024;

/** A file that is what its schema says. */
export interface Checked<Schema extends z.ZodType> {
  readonly file: string;
  readonly data: z.output<Schema>;
  /** Where its parts are; found out only when somebody asks. */
  located(): Promise<YamlFile>;
}

/** Reads a YAML file and checks it against a schema; throws InputError with every problem, each with its position. */
export async function readYamlAs<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
): Promise<Checked<Schema>> {
  return await withoutLinkedContent(file, async () => await parseYamlAs(file, await readText(file), schema));
}

/** The same for text that came from `file`. */
export async function parseYamlAs<Schema extends z.ZodType>(
  file: string,
  text: string,
  schema: Schema,
): Promise<Checked<Schema>> {
  if (text.length > maxBytes) throw new InputError([{ file, message: new TooLong(maxBytes).message }]);
  const located = async () => (await import('./yaml-positions.ts')).parseYaml(file, text);
  const quick = schema.safeParse(plainYaml(text));
  if (quick.success) return { file, data: quick.data, located };
  const yaml = await located();
  const parsed = schema.safeParse(yaml.value, { reportInput: true });
  if (!parsed.success) throw new InputError(problemsOf(yaml, schema, parsed.error));
  return { file, data: parsed.data, located };
}

async function readText(file: string): Promise<string> {
  const bytes = await bytesOfFile(file, maxBytes).catch((error: unknown) => {
    const own = error instanceof TooLong || error instanceof NotAFile;
    throw new InputError([{ file, message: own ? error.message : `cannot be read: ${messageOf(error)}` }]);
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError([{ file, message: 'is not UTF-8 text', hint: 'save it as UTF-8' }]);
  }
}
