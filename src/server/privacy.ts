import { homedir, tmpdir } from 'node:os';
import { packageRoot } from '../package-root.ts';

/** Roots below which hosts keep what is theirs; what a container keeps below others, such as /opt, says nothing of a host. */
const hostRoots = [
  ...['home', 'root', 'Users', 'tmp', 'var', 'mnt', 'media', 'srv', 'run', 'work', 'scratch', 'data', 'nfs'],
  ...['lustre', 'gpfs', 'fsx', 'shared', 'storage', 'raid', 'nvme', 'net', 'private', 'export', 'projects'],
];

const here = [packageRoot, homedir(), tmpdir(), process.cwd()].filter((path) => path.length > 1);
const escaped = here.map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));

/** An absolute path below such a root, not as a part of a URL, an image name or a longer path. */
const hostPath = new RegExp(
  `(?:(?<=file://)|(?<![\\w.~:/-]))(?:${escaped.join('|')}|/(?:${hostRoots.join('|')})\\d*)(?:/[^\\s"'\`,;:=<>()|\\\\]*)?(?![\\w-])`,
  'g',
);

/** A text in which each path of a host is only its last name, `…/model.gguf`: enough to know the file, nothing of the host. */
export function withoutHostPaths(text: string): string {
  return text.replace(hostPath, (path) => {
    const name = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
    return path.split('/').length > 2 ? `…/${name}` : '…';
  });
}

/** Names of variables, options and fields whose value is nobody's business, whatever it is. */
const secretName = /(^|[^a-z0-9])(api[-_]?key|token|secret|password|passwd|credentials?|authorization)$/i;
const hidden = '(not shown)';

export function isSecret(name: string): boolean {
  return secretName.test(name);
}

/** A command line without paths of a host and without the values of options that are secrets. */
export function publicArgs(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    const [option = '', value] = arg.split('=', 2);
    if (option.startsWith('-') && isSecret(option) && value !== undefined) return `${option}=${hidden}`;
    const before = args[index - 1];
    if (before?.startsWith('-') && isSecret(before) && !arg.startsWith('-')) return hidden;
    return withoutHostPaths(arg);
  });
}

/** A JSON document without paths of a host in any text, however deep, and without the values of secrets. */
export function publicJson(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(document).map(([name, value]) => [
      name,
      typeof value === 'string' && isSecret(name) ? hidden : publicValue(value),
    ]),
  );
}

function publicValue(value: unknown): unknown {
  if (typeof value === 'string') return withoutHostPaths(value);
  if (isTexts(value)) return publicArgs(value);
  if (Array.isArray(value)) return value.map(publicValue);
  return typeof value === 'object' && value !== null ? publicJson({ ...value }) : value;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');
}
