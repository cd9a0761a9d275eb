import { InputError } from '../errors.ts';
import type { EngineSession } from '../plan/index.ts';
import type { Engine } from './engine.ts';
import type { ProcessSettings } from './parts/forced-acceptance.ts';

/** The acceptance that a session's engine is made to have, whatever its draft model predicts. */
export interface SessionAcceptance {
  /** Mean tokens per verification step, the engine's own token included. */
  readonly length: number;
  /** Speculative tokens per draft; undefined if the settings do not say. */
  readonly draftTokens: number | undefined;
}

/** The settings of a session's engine, with its acceptance length forced if its config asks for one. Throws InputError. */
export function settingsOfSession(engine: Engine, session: EngineSession): ProcessSettings {
  const { server, acceptance: asked } = session;
  if (asked === undefined) return server;
  const { framework, forcedAcceptance } = engine;
  if (forcedAcceptance === undefined)
    throw notForced(`${framework} has no setting for it`, 'use a framework that has one, such as vllm');
  if (server.disaggregated !== undefined)
    throw notForced(
      `session ${session.id} spans nodes, and it works on one node only`,
      'on several nodes, use the additional-settings of the config instead',
    );
  const draftTokens = forcedAcceptance.draftTokens(server);
  if (draftTokens === undefined)
    throw notForced(
      `the settings of session ${session.id} do not draft tokens`,
      'set spec-decoding, and use a recipe that drafts tokens for it',
    );
  const length = asked.lengths === undefined ? Number(asked.name) : asked.lengths[draftTokens];
  if (length === undefined)
    throw notForced(
      `acceptance curve ${asked.name} has no length for ${draftTokens} speculative tokens`,
      `it has lengths for ${Object.keys(asked.lengths ?? {}).join(', ')}`,
    );
  if (!(length >= 1 && length <= draftTokens + 1))
    throw notForced(
      `a length of ${length} is impossible: a step with ${draftTokens} speculative tokens yields 1 to ${draftTokens + 1} tokens`,
      'use a length in that range',
    );
  const forced = forcedAcceptance.force(server, length);
  if (forcedAcceptance.forced(forced) === undefined)
    throw notForced(`${framework} takes a length of ${length} for no setting`, 'use a length above 1');
  return forced;
}

function notForced(why: string, hint: string): InputError {
  return new InputError(`the acceptance length cannot be forced: ${why}`, hint, { code: 'not-measurable' });
}

/** The forced acceptance of a session, by its config or by its recipe; undefined if drafts are really verified. */
export function acceptanceOfSession(engine: Engine, session: EngineSession): SessionAcceptance | undefined {
  const { forcedAcceptance } = engine;
  if (forcedAcceptance === undefined) return undefined;
  const settings = settingsOfSession(engine, session);
  const length = forcedAcceptance.forced(settings);
  return length === undefined ? undefined : { length, draftTokens: forcedAcceptance.draftTokens(settings) };
}
