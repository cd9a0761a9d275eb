import { crashes, network } from './crashes.ts';
import { image } from './image.ts';
import { memory } from './memory.ts';
import { node } from './node.ts';
import { permission } from './permission.ts';
import { recipe } from './recipe.ts';
import type { KnownFailure } from './row.ts';
import { hangs, services } from './waiting.ts';

export type { EndFacts, KnownFailure } from './row.ts';

/** Every well-known failure of an engine; of rows that fit the same line, the first is meant. */
export const knownFailures: readonly KnownFailure[] = [
  ...memory,
  ...services,
  ...hangs,
  ...image,
  ...node,
  ...permission,
  ...network,
  ...recipe,
  ...crashes,
];
