import { amd } from './amd/index.ts';
import { none } from './none.ts';
import { nvidia } from './nvidia/index.ts';
import type { Vendor } from './vendor.ts';

/** What nodes may be equipped with. Adding a vendor is adding its file and a line here. */
export const vendors: readonly Vendor[] = [none, nvidia, amd];
