export { type NodePower, type PowerAudit, powerOfNode, withoutRow } from './one-node.ts';
export { type PowerReason, powerReasons } from './reasons.ts';
export { powerFields, rowWithPower } from './row.ts';
