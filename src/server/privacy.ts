import { homedir, tmpdir } from 'node:os';
import { packageRoot } from '../package-root.ts';
import { hidden, isSecret, withoutSecrets } from './secrets.ts';

/** Roots below which hosts keep what is theirs, also where the path has no second part. */
const hostRoots = [
  ...['home', 'root', 'Users', 'tmp', 'var', 'mnt', 'media', 'srv', 'run', 'work', 'scratch', 'data', 'nfs'],
  ...['lustre', 'gpfs', 'fsx', 'shared', 'storage', 'raid', 'nvme', 'net', 'private', 'export', 'projects'],
];

/** Roots that say nothing of a host: of containers, of the system, and of the routes of servers. */
const openRoots = [
  ...['usr', 'opt', 'bin', 'sbin', 'lib', 'lib64', 'dev', 'proc', 'sys', 'app', 'models?', 'weights'],
  ...['workspace', '[\\w]+-workspace', 'v\\d+', 'api', 'health', 'metrics', 'docs', 'openai', 'inference'],
];

const here = [packageRoot, homedir(), tmpdir(), process.cwd()].filter((path) => path.length > 1);
const escaped = here.map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));

const part = '[^\\s"\'`,;:=<>()|\\\\/]+';
const root = `(?:${escaped.join('|')}|/(?:${hostRoots.join('|')})\\d*)(?![\\w-])`;
const anyRoot = `(?!/(?:${openRoots.join('|')})(?:/|$))/(?=[A-Za-z_])${part}/(?=${part})`;
const start =
  '(?:(?<=file://)|(?<![\\w.~/)\\]}%-])(?<!\\b(?:GET|POST|PUT|HEAD|PATCH|DELETE|OPTIONS|Route:) ))';

/** An absolute path of a host, not as a part of a URL, a route, an image name or a longer path. */
const hostPath = new RegExp(`${start}(?:${root}|${anyRoot})(?:[^\\s"'\`,;:=<>()|\\\\]*)`, 'g');
/** A path in quotes goes to the end of them, blanks and all. */
const quotedPath = new RegExp(`(?<=(["'\`]))(?:${root}|${anyRoot})[^"'\`\\r\\n]*(?=\\1)`, 'g');
const wholePath = new RegExp(`^(-{1,2}[\\w-]+=)?((?:${root}|${anyRoot})[^\\r\\n:]*)$`);

/** A text from a run as anybody may read it: no value of a secret, and of a host's paths only their last names, `…/model.gguf`. */
export function publicText(text: string): string {
  return withoutSecrets(text).replace(quotedPath, lastName).replace(hostPath, lastName);
}

function lastName(path: string): string {
  const parts = path.replace(/\/+$/, '').split('/');
  return parts.length > 2 ? `…/${parts.at(-1) ?? ''}` : '…';
}

/** A command line without paths of a host and without the values of what is secret. */
export function publicArgs(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    const named = /^(-{0,2}[\w.-]+)([=:]\s*)\S/.exec(arg);
    const [, name = '', separator = ''] = named ?? [];
    if (named !== null && isSecret(name)) return `${name}${separator}${hidden}`;
    const before = args[index - 1];
    if (before?.startsWith('-') && isSecret(before) && !arg.startsWith('--')) return hidden;
    const [, option = '', path] = wholePath.exec(arg) ?? [];
    return path === undefined ? publicText(arg) : `${option}${publicText(lastName(path))}`;
  });
}

/** A JSON document without paths of a host in any text, however deep, and without the values of secrets. */
export function publicJson(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(document).map(([name, value]) => [
      name,
      isSecret(name) ? withoutTexts(value) : publicValue(value),
    ]),
  );
}

/** What has a secret's name: none of the texts below it are shown, whatever they are called there. */
function withoutTexts(value: unknown): unknown {
  if (typeof value === 'string') return hidden;
  if (Array.isArray(value)) return value.map(withoutTexts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutTexts(one)]));
}

function publicValue(value: unknown): unknown {
  if (typeof value === 'string') return publicText(value);
  if (isTexts(value)) return publicArgs(value);
  if (Array.isArray(value)) return value.map(publicValue);
  return typeof value === 'object' && value !== null ? publicJson({ ...value }) : value;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}
