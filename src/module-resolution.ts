import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from './package-root.ts';

/** Formats of our own files by the end of their names. */
const formats: readonly (readonly [ending: string, format: string])[] = [
  ['.ts', 'module-typescript'],
  ['.js', 'module'],
];

/**
 * Makes commands start faster. A relative import between our own files is resolved by its name alone; Node would ask
 * the file system about each of its folders and their package.json, for each of hundreds of imports. Recipes are left to
 * Node, whose message about a missing file names the importer. Messages of the
 * schema library are in our own words (`schema-words.ts`), so its more than fifty languages stay unread.
 */
export function resolveModulesQuickly(): void {
  const rooms = ['src', 'dist'].map((folder) => `${pathToFileURL(join(packageRoot, folder)).href}/`);
  registerHooks?.({
    resolve: (specifier, context, next) => {
      const { parentURL = '' } = context;
      if (specifier.startsWith('.') && rooms.some((room) => parentURL.startsWith(room))) {
        const format = formats.find(([ending]) => specifier.endsWith(ending))?.[1];
        if (format !== undefined)
          return { url: new URL(specifier, parentURL).href, format, shortCircuit: true };
      }
      return specifier === '../locales/index.js' && parentURL.includes('/node_modules/zod/')
        ? { url: 'data:text/javascript,', shortCircuit: true }
        : next(specifier, context);
    },
  });
}
