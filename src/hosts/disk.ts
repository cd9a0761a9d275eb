import { HostFailure, type Runner } from './host.ts';

/** Bytes free on the disk of a host's folder, or of its nearest existing parent. */
export async function freeBytesAt(host: Runner, folder: string): Promise<number> {
  for (let path = folder; ; path = path.slice(0, path.lastIndexOf('/')) || '/') {
    const { code, stdout, stderr } = await host.run(['df', '-P', '-k', path]);
    const available = stdout.trim().split('\n').at(-1)?.split(/\s+/)[3];
    if (code === 0 && available !== undefined) return Number(available) * 1024;
    if (path === '/' || path === '')
      throw new HostFailure('failed', `df ${folder} failed: ${stderr.trim()}`, {
        command: 'df',
        output: stderr,
      });
  }
}
