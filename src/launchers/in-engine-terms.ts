import { HostFailure } from '../hosts/index.ts';
import { EngineFailure } from './engine-failure.ts';

/** What a host could not do, as the failure of an engine. */
export async function inEngineTerms<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof HostFailure)) throw error;
    const failureClass = error.kind === 'unreachable' ? 'node-lost' : 'cannot-start';
    throw new EngineFailure(failureClass, error.message, error.output);
  }
}
