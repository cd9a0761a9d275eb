export { type NodePower, type PowerAudit, powerOfNode, withoutRow } from './one-node.ts';
export { powerReasons } from './reasons.ts';
export { rowWithPower } from './row.ts';
