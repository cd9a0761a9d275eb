import { http } from '../http/transport.ts';
import type { Transport } from './transport.ts';

/** All transports. */
export const transports: readonly Transport[] = [http];
