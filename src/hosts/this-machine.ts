import { readdir, readFile } from 'node:fs/promises';
import { defined } from '../defined/defined.ts';
import { commandsBy } from './commands.ts';
import { writeFilesHere } from './files.ts';
import type { Host } from './host.ts';

/** This machine. */
export const thisMachine: Host = {
  isThisMachine: true,
  destination: undefined,
  ...commandsBy((argv, env, folder) => ({
    argv,
    env,
    ...defined({ cwd: folder }),
    input: '',
  })),
  readFile: async (path) => await readFile(path, 'utf8'),
  list: async (folder) =>
    await readdir(folder).catch(() => {
      throw new Error(`there is no ${folder}`);
    }),
  folderFor: (folder) => folder,
  writeFiles: writeFilesHere,
  reach: async (address, port) => ({ baseUrl: `http://${address}:${port}`, close: async () => {} }),
};
