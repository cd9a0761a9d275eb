import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, join, matchesGlob, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Contexts } from './expressions.ts';

interface ActionCall {
  readonly origin: string;
  readonly folder: string;
  /** The artifacts of this workflow run. */
  readonly artifacts: string;
  readonly workspace: string;
  readonly inputs: Contexts;
}

type StandIn = (call: ActionCall) => Promise<Record<string, string> | undefined>;

/** What GitHub's own actions do, on folders of this machine. */
export const standIns: Readonly<Record<string, StandIn>> = {
  'actions/checkout': async ({ origin, workspace, inputs }) => {
    const git = async (...args: string[]) =>
      await promisify(execFile)('git', ['-C', workspace, ...args], { encoding: 'utf8' });
    const depth = inputs['fetch-depth'] === 0 ? [] : ['--depth', '1'];
    await git('init', '--quiet');
    await git('remote', 'add', 'origin', `file://${origin}`);
    await git('fetch', '--quiet', ...depth, 'origin', String(inputs.ref || 'HEAD'));
    await git('checkout', '--quiet', '--detach', 'FETCH_HEAD');
    return undefined;
  },
  'actions/setup-node': async () => undefined,
  'actions/upload-artifact': async ({ artifacts, workspace, inputs }) => {
    const from = resolve(workspace, String(inputs.path));
    const to = join(artifacts, String(inputs.name));
    await rm(to, { recursive: true, force: true });
    await mkdir(to, { recursive: true });
    const isFolder = (await stat(from)).isDirectory();
    await cp(from, isFolder ? to : join(to, basename(from)), { recursive: true });
    return undefined;
  },
  'actions/download-artifact': async ({ artifacts, workspace, inputs }) => {
    const to = resolve(workspace, String(inputs.path ?? '.'));
    await mkdir(to, { recursive: true });
    if (inputs.name !== undefined) {
      await cp(join(artifacts, String(inputs.name)), to, { recursive: true });
      return undefined;
    }
    const names = await readdir(artifacts);
    for (const name of names.filter((one) => matchesGlob(one, String(inputs.pattern)))) {
      await cp(join(artifacts, name), join(to, name), { recursive: true });
    }
    return undefined;
  },
  'actions/configure-pages': async () => undefined,
  'actions/upload-pages-artifact': async ({ folder, workspace, inputs }) => {
    await rm(join(folder, 'pages-artifact'), { recursive: true, force: true });
    await cp(resolve(workspace, String(inputs.path)), join(folder, 'pages-artifact'), { recursive: true });
    return undefined;
  },
  'actions/deploy-pages': async ({ folder }) => {
    await rm(join(folder, 'pages'), { recursive: true, force: true });
    await cp(join(folder, 'pages-artifact'), join(folder, 'pages'), { recursive: true });
    return { page_url: `file://${join(folder, 'pages')}/` };
  },
};
