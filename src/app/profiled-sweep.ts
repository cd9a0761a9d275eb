import { engineFor, profilerFault } from '../engines/index.ts';
import { type Fault, InputError } from '../errors.ts';
import type { EngineSession } from '../plan/index.ts';
import { engineSourceKind } from '../provision/index.ts';
import type { AskedSweep } from './sweeps.ts';

/**
 * The sweep with engines that are profiled during the first seconds of each point. Throws InputError that lists every
 * session whose engine cannot be profiled, before anything is started.
 */
export function profiledSweep(asked: AskedSweep, profileS: number): AskedSweep {
  const faults = asked.plan.sessions.flatMap((session) => faultOf(session) ?? []);
  if (faults.length > 0) throw new InputError(faults, undefined, { code: 'no-profiler' });
  return { ...asked, profileS };
}

function faultOf(session: EngineSession): Fault | undefined {
  if (engineSourceKind(session.image) !== 'server')
    return profilerFault(engineFor(session.framework), session);
  return {
    message: `session ${session.id} cannot be profiled: ${session.image} is an external server, whose profiler is configured where it is started`,
    hint: 'start the server with a folder for traces, then run `inferencemax bench serve --profile --profile-dir FOLDER`',
  };
}
