import type { Socket } from 'node:net';
import { LoadError } from '../load-error.ts';

/** The class of a connection that ended because the server's certificate is not trusted. */
export const refusedCertificate = 'certificate';

/** Whether a connection failed because the server's certificate is not trusted. */
export function isRefused({ code, message }: NodeJS.ErrnoException, socket: Socket): boolean {
  // A socket that accepts any certificate also has this property, so the error must match as well.
  return 'authorizationError' in socket && socket.authorizationError === (code ?? message);
}

/** `reason` describes the problem in OpenSSL's or Node's words. */
export function certificateError(origin: string, reason: string): LoadError {
  // Remove Node's advice to use a node flag, which users of this program cannot set.
  const [what] = reason.split('; if the root CA');
  return new LoadError('cannot-connect', `the certificate of ${origin} is not trusted: ${what}`, {
    hint: 'set NODE_EXTRA_CA_CERTS to a file with it or its issuer, or skip verification with --insecure',
  });
}
