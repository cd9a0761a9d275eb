import { messageOf } from '../errors.ts';
import { HostFailure } from '../hosts/index.ts';

/** Why something could not be read, as shown in results. */
export function troubleOf(error: unknown): string {
  if (!(error instanceof HostFailure)) return messageOf(error);
  const { kind, command, output } = error;
  switch (kind) {
    case 'absent':
      return `${command} not found`;
    case 'late':
      return `${command} did not answer in time`;
    case 'failed': {
      const lastLines = output.trim().split('\n').slice(-3).join(' ');
      return lastLines === '' ? error.message : `${command} failed: ${lastLines}`;
    }
    default:
      return error.message;
  }
}
