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
  `(?<![\\w.~:/-])(?:${escaped.join('|')}|/(?:${hostRoots.join('|')})\\d*)(?:/[^\\s"'\`,;:=<>()|\\\\]*)?(?![\\w-])`,
  'g',
);

/** A text in which each path of a host is only its last name, `…/model.gguf`: enough to know the file, nothing of the host. */
export function withoutHostPaths(text: string): string {
  return text.replace(hostPath, (path) => {
    const name = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
    return path.split('/').length > 2 ? `…/${name}` : '…';
  });
}

/** The same for every text in a JSON document, however deep; names of fields are kept. */
export function jsonWithoutHostPaths(document: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(document).map(([name, value]) => [name, valueWithoutHostPaths(value)]),
  );
}

function valueWithoutHostPaths(value: unknown): unknown {
  if (typeof value === 'string') return withoutHostPaths(value);
  if (Array.isArray(value)) return value.map(valueWithoutHostPaths);
  return typeof value === 'object' && value !== null ? jsonWithoutHostPaths({ ...value }) : value;
}
