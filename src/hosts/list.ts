import type { RemoteHost } from './definition.ts';
import { ssh } from './ssh/index.ts';

/** The ways to reach other machines. To add one, add its folder and a line here. */
export const remoteHosts: readonly RemoteHost[] = [ssh];
