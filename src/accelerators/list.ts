import { amd } from './amd/index.ts';
import { none } from './none.ts';
import { nvidia } from './nvidia/index.ts';
import type { Vendor } from './vendor.ts';

/** All vendors of accelerators. To add one, add its file and a line here. */
export const vendors: readonly Vendor[] = [none, nvidia, amd];
