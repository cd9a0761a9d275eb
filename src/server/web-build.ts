import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { WorkError } from '../errors.ts';
import { packageRoot } from '../package-root.ts';
import { lock } from '../process/lock.ts';
import { singleFilePolicy, withPolicy } from './http/page-policy.ts';

const sources = join(packageRoot, 'web');
/** All source folders of the dashboard. */
const sourceFolders = [sources, join(packageRoot, 'src', 'derived')];
const built = join(packageRoot, 'dist', 'web');
const report = join(built, 'report');
/** The site is built first, because its build empties the folder. */
const pages = [join(built, 'index.html'), join(report, 'index.html')];

/**
 * The folder of the built dashboard. In a clone, it is built first if it is missing or older than its
 * sources.
 */
export async function ensureWebBuilt(onBuild?: () => void): Promise<string> {
  await ensureBuilt(onBuild);
  return built;
}

/** The same for the dashboard as a single script and stylesheet. */
export async function ensureReportBuilt(onBuild?: () => void): Promise<string> {
  await ensureBuilt(onBuild);
  return report;
}

async function ensureBuilt(onBuild: () => void = () => {}): Promise<void> {
  if (!existsSync(sources)) {
    if (pages.every((page) => existsSync(page))) return;
    throw new WorkError('this installation does not contain the dashboard', {
      hint: 'reinstall the package',
    });
  }
  if (await isFresh()) return;
  // Another process may be building it, which empties the folder.
  const release = await lock(`${built}.lock`, { signal: new AbortController().signal, onWait: () => {} });
  try {
    if (await isFresh()) return;
    const { build } = await builder();
    onBuild();
    await build({ root: sources, logLevel: 'warn' });
    await build({ root: sources, logLevel: 'warn', mode: 'report' });
  } finally {
    await release();
  }
}

/** Loads vite, a development dependency that `npm ci --omit=dev` leaves out. */
async function builder(): Promise<typeof import('vite')> {
  try {
    return await import('vite');
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ERR_MODULE_NOT_FOUND')) throw cause;
    throw new WorkError('this installation cannot build the dashboard, because vite is not installed', {
      cause,
      hint: 'run npm ci --include=dev in the clone',
    });
  }
}

/** Whether both pages are newer than all of their sources. */
async function isFresh(): Promise<boolean> {
  const builtAt = await Promise.all(
    pages.map(async (page) => (await stat(page).catch(() => undefined))?.mtimeMs ?? 0),
  );
  const changedAt = await Promise.all(sourceFolders.map(newestChange));
  return Math.min(...builtAt) >= Math.max(...changedAt);
}

/**
 * The built page as a single file without external references: script, style and data, each under its element
 * id.
 */
export async function singleFilePage(
  webFolder: string,
  data: Readonly<Record<string, unknown>>,
): Promise<string> {
  const page = await readFile(join(webFolder, 'index.html'), 'utf8');
  const embedded = Object.entries(data).map(
    ([id, value]) =>
      `<script type="application/json" id="${id}">${JSON.stringify(value).replaceAll('<', '\\u003c')}</script>`,
  );
  const script = /<script type="module"[^>]*src="\.\/([^"]+)"[^>]*><\/script>/;
  const style = /<link rel="stylesheet"[^>]*href="\.\/([^"]+)"[^>]*>/;
  const [scriptFile, styleFile] = [script.exec(page)?.[1], style.exec(page)?.[1]];
  if (scriptFile === undefined || styleFile === undefined)
    throw new Error('the built page has no script or no style');
  const code = (await readFile(join(webFolder, scriptFile), 'utf8')).replaceAll('</script', '<\\/script');
  const css = await readFile(join(webFolder, styleFile), 'utf8');
  // Replacement functions, because a dollar sign in the code would be special in a replacement string.
  return withPolicy(page, singleFilePolicy(code))
    .replace(script, () => '')
    .replace(style, () => `<style>${css}</style>`)
    .replace('</body>', () => `${embedded.join('')}<script type="module">${code}</script></body>`);
}

async function newestChange(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const times = await Promise.all(
    files.map(async (file) => (await stat(join(file.parentPath, file.name))).mtimeMs),
  );
  return Math.max(...times);
}
