import { execFile } from 'node:child_process';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A self-signed certificate for `localhost` and its folder. */
export interface SelfSigned {
  readonly folder: string;
  readonly certFile: string;
  readonly key: string;
  readonly cert: string;
}

/** Why no certificate can be created here; undefined if it can. */
export async function selfSignedMissing(): Promise<string | undefined> {
  return await promisify(execFile)('openssl', ['version']).then(
    () => undefined,
    () => 'openssl is not installed: no certificate can be made',
  );
}

/** Creates one in a new folder, which the caller removes. */
export async function selfSigned(): Promise<SelfSigned> {
  const folder = await mkdtemp(join(tmpdir(), 'self-signed-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  await promisify(execFile)('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    keyFile,
    '-out',
    certFile,
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=DNS:localhost',
  ]);
  const [key, cert] = await Promise.all([readFile(keyFile, 'utf8'), readFile(certFile, 'utf8')]);
  return { folder, certFile, key, cert };
}
