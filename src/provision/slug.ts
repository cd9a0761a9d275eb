import { createHash } from 'node:crypto';

/** A readable folder name, unique per reference. */
export function slug(reference: string): string {
  const readable = reference.replaceAll(/[^A-Za-z0-9.@-]+/g, '_').slice(0, 80);
  return `${readable}-${createHash('sha256').update(reference).digest('hex').slice(0, 8)}`;
}
