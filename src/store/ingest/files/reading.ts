import { defined } from '../../../defined/defined.ts';
import { reasonFor } from '../../../schema-words.ts';
import type { QuarantinedFile } from '../incoming.ts';
import { longestFile, type SourceFile } from './file-set.ts';

/**
 * Parses the text of a file; if that fails, the file is quarantined with the reason and the result is
 * undefined.
 */
export async function orQuarantined<Value>(
  file: SourceFile | undefined,
  quarantined: QuarantinedFile[],
  parse: (text: string) => Value | Promise<Value>,
): Promise<Value | undefined> {
  if (file === undefined) return undefined;
  let content: Buffer | undefined;
  try {
    if (file.bytes > longestFile) throw new Error(`its size of ${file.bytes} bytes is too much for a result`);
    content = await file.read();
    return await parse(content.toString('utf8'));
  } catch (error) {
    quarantined.push({
      file: file.path,
      reason: reasonFor(error),
      ...defined({ content }),
    });
    return undefined;
  }
}
