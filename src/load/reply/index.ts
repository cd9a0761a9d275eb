export type { Settled } from './arrivals.ts';
export { BrokenReply } from './broken-reply.ts';
export { type AskedReply, Reply, type ReplyFailure, type ReplyNote } from './reply.ts';
