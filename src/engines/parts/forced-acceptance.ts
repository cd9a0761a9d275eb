import type { ServerSpec } from '../../plan/index.ts';

/** The settings of one engine process. */
export type ProcessSettings = Pick<ServerSpec, 'args' | 'env' | 'files'>;

/**
 * How an engine with speculative decoding is made to accept a given mean number of tokens, whatever its draft model
 * predicts (contract F8). Its answers are meaningless then; its speed is that of this acceptance.
 */
export interface ForcedAcceptance {
  /** Speculative tokens per draft; undefined if the settings do not draft. */
  draftTokens(settings: ProcessSettings): number | undefined;
  /** The acceptance length that the settings force, the engine's own token included. */
  forced(settings: ProcessSettings): number | undefined;
  /** The settings with an acceptance length forced. */
  force(settings: ProcessSettings, length: number): ProcessSettings;
}

/** A positive number from a setting. */
export function lengthIn(text: unknown): number | undefined {
  const value = typeof text === 'string' && text.trim() !== '' ? Number(text) : text;
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}
