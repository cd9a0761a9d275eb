import { crashes, network } from './crashes.ts';
import { image } from './image.ts';
import { memory } from './memory.ts';
import { node } from './node.ts';
import { permission } from './permission.ts';
import { recipe } from './recipe.ts';
import type { KnownFailure } from './row.ts';
import { hangs, services } from './waiting.ts';

export type { EndFacts, KnownFailure } from './row.ts';

/** All well-known failures of engines. If several rows match a line, the first one counts. */
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
