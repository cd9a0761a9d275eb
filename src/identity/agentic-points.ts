import type { IdentityFilter } from './columns.ts';

/** Selects the points that replay sessions of coding agents. */
export const agenticPoints: IdentityFilter = { scenarioType: 'agentic-coding' };
