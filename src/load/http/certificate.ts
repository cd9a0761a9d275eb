import type { Socket } from 'node:net';
import { LoadError } from '../load-error.ts';

/** The class of a connection's end whose server's certificate is not trusted. */
export const refusedCertificate = 'certificate';

/** Whether a connection's error is that the server's certificate is not trusted. */
export function isRefused({ code, message }: NodeJS.ErrnoException, socket: Socket): boolean {
  // A socket that takes any certificate keeps this as well, so the error must be the same.
  return 'authorizationError' in socket && socket.authorizationError === (code ?? message);
}

/** `reason` is what is wrong with the certificate, in OpenSSL's words or Node's. */
export function certificateError(origin: string, reason: string): LoadError {
  // Node advises a flag of its own, which our users have no place for.
  const [what] = reason.split('; if the root CA');
  return new LoadError('cannot-connect', `the certificate of ${origin} is refused: ${what}`, {
    hint: 'set NODE_EXTRA_CA_CERTS to a file with it or its issuer, or skip verification with --insecure',
  });
}
