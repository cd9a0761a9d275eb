import type { HostKind } from './kind.ts';
import { ssh } from './ssh/index.ts';

/** The ways to reach other machines. Adding one is adding its folder and a line here. */
export const hostKinds: readonly HostKind[] = [ssh];
