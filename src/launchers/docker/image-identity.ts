import { z } from 'zod';
import { defined } from '../../defined/defined.ts';
import type { ImageIdentity } from '../launcher.ts';

const inspected = z.object({ Id: z.string(), RepoDigests: z.array(z.string()).nullish() });

/**
 * An image's id and its digest in the registry of its name, from `docker image inspect`; undefined if the output cannot
 * be read.
 */
export function imageIdentity(text: string, reference: string): ImageIdentity | undefined {
  const { success, data } = inspected.safeParse(jsonOf(text));
  if (!success) return undefined;
  const [name] = /^.*?(?=@|:[^/]*$|$)/.exec(reference) ?? [];
  const pairs = (data.RepoDigests ?? []).map((each) => each.split('@'));
  // Docker has longer names for images of Docker Hub than people write.
  const [, digest] =
    pairs.find(([repository]) => repository === name) ?? (pairs.length === 1 ? pairs : []).flat();
  return { id: data.Id, ...defined({ digest }) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
