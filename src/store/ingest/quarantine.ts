import type { Kysely } from 'kysely';
import type { Schema } from '../schema.ts';
import type { QuarantinedFile } from './incoming.ts';
import { sha256 } from './measured.ts';
import { storableText } from './storable.ts';

/** Larger files are kept without their content. */
const longestContent = 1 << 20;

/** Stores a rejected file, once for the same file, content and reason. */
export async function keepInQuarantine(
  db: Kysely<Schema>,
  source: string,
  files: readonly QuarantinedFile[],
  now: number,
): Promise<void> {
  for (const { file, reason, content } of files) {
    const contentKey = content === undefined ? '' : sha256(content);
    await db
      .insertInto('quarantine')
      .values({
        key: sha256(JSON.stringify([source, file, reason, contentKey])),
        source,
        file: storableText(file),
        reason: storableText(reason),
        at: now,
        bytes: content?.length ?? 0,
        content: content === undefined || content.length > longestContent ? null : content,
      })
      .onConflict((conflict) => conflict.column('key').doNothing())
      .execute();
  }
}
