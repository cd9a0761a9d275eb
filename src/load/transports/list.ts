import { http } from '../http/transport.ts';
import type { Transport } from './transport.ts';

/** Every transport. */
export const transports: readonly Transport[] = [http];
