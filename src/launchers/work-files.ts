import { rename } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type Host, mustRun } from '../hosts/index.ts';
import type { WorkFiles } from './launcher.ts';

/** The files below a folder of a host. */
export function workFilesBelow(host: Host, workFolder: string): WorkFiles {
  return {
    list: async (folder) => {
      const root = join(workFolder, folder);
      const found = await mustRun(host, ['find', root, '-type', 'f', '!', '-name', '.*']);
      return found
        .split('\n')
        .filter((path) => path !== '')
        .map((path) => relative(root, path))
        .toSorted();
    },
    take: async (file, target, { signal }) => {
      const path = join(workFolder, file);
      const part = `${target}.part`;
      const isMoved = host.isThisMachine && (await rename(path, target).then(isTrue, isFalse));
      if (isMoved) return;
      await host.runInto(['cat', path], part, { signal });
      await rename(part, target);
      // In a folder of the engine's own user, only that user can remove it.
      await host.run(['rm', '-f', path], { signal });
    },
  };
}

const isTrue = () => true;
const isFalse = () => false;
