import { z } from 'zod';
import { messageOf } from '../../errors.ts';

/** Problems of one value that are named. */
const mostNamed = 3;

/** Why something could not be read, in one line. */
export function reasonInOneLine(error: unknown): string {
  if (!(error instanceof z.ZodError)) return messageOf(error).replaceAll(/\s*\n\s*/g, '; ');
  const named = error.issues.slice(0, mostNamed).map(({ path, message }) => {
    const place = path.map(String).join('.');
    return place === '' ? message : `${place}: ${message}`;
  });
  const left = error.issues.length - named.length;
  return `${named.join('; ')}${left > 0 ? `; and ${left} more` : ''}`;
}
