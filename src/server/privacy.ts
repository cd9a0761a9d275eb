import { homedir, tmpdir } from 'node:os';
import { packageRoot } from '../package-root.ts';
import { hidden, isSecret, withoutSecrets } from './secrets.ts';

/** Top-level folders that reveal something about a host, even without a second part. */
const hostRoots = [
  'home',
  'root',
  'Users',
  'tmp',
  'var',
  'mnt',
  'media',
  'srv',
  'run',
  'work',
  'scratch',
  'data',
  'nfs',
  'lustre',
  'gpfs',
  'fsx',
  'shared',
  'storage',
  'raid',
  'nvme',
  'net',
  'private',
  'export',
  'projects',
];

/**
 * Top-level folders that reveal nothing about a host: of containers, of the system, and routes of servers.
 */
const openRoots = [
  'usr',
  'opt',
  'bin',
  'sbin',
  'lib',
  'lib64',
  'dev',
  'proc',
  'sys',
  'app',
  'models?',
  'weights',
  'workspace',
  '[\\w]+-workspace',
  'v\\d+',
  'api',
  'health',
  'metrics',
  'docs',
  'openai',
  'inference',
];

const here = [packageRoot, homedir(), tmpdir(), process.cwd()].filter((path) => path.length > 1);
const escaped = here.map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));

const part = '[^\\s"\'`,;:=<>()|\\\\/]+';
const root = `(?:${escaped.join('|')}|/(?:${hostRoots.join('|')})\\d*)(?![\\w-])`;
const anyRoot = `(?!/(?:${openRoots.join('|')})(?:/|$))/(?=[A-Za-z_])${part}/(?=${part})`;
const start =
  '(?:(?<=file://)|(?<![\\w.~/)\\]}%-])(?<!\\b(?:GET|POST|PUT|HEAD|PATCH|DELETE|OPTIONS|Route:) ))';

/** An absolute host path, but not part of a URL, a route, an image name or a longer path. */
const hostPath = new RegExp(`${start}(?:${root}|${anyRoot})(?:[^\\s"'\`,;:=<>()|\\\\]*)`, 'g');
/** Paths of users' files, whatever precedes them: `-I/home/ann`, `C:\\Users\\ann`, `~ann/x`. */
const homePath =
  /(?<=[-)\]}%]|[\s"'`]-{1,2}[\w-]{0,40}|^-{1,2}[\w-]{0,40})\/(?:home|Users|root|mnt|scratch)\/[^\s"'`,;:=<>()|]*|\b[A-Za-z]:(?:\\{1,2}[^\s"'`,;:=<>()|\\]+){2,}|(?<![\w/])~[\w.-]*\/[^\s"'`,;:=<>()|\\]*/g;
/** A path in quotes extends to the closing quote, including spaces. */
const quotedPath = new RegExp(`(?<=(["'\`]))(?:${root}|${anyRoot})[^"'\`\\r\\n]*(?=\\1)`, 'g');
const wholePath = new RegExp(`^(-{1,2}[\\w-]+=)?((?:${root}|${anyRoot})[^\\r\\n:]*)$`);

/**
 * The public form of a text from a run. Secrets and host paths are removed, and of the rest only what looks
 * like a word, a number or a name is shown, because anything else could be an unlabelled key.
 */
export function publicText(text: string): string {
  const shown = withoutEscapes(text.length > longestText ? `${text.slice(0, longestText)}${elided}` : text);
  const named = withoutSecrets(shown)
    .replace(quotedPath, lastName)
    .replace(hostPath, lastName)
    .replace(homePath, lastName);
  return named
    .split(hidden)
    .map((part) => part.replace(atom, (one) => (isPlain(one) ? one : elided)))
    .join(hidden);
}

/** Replaces a part of a text that is not shown. */
const elided = '…';

/** No reason and no log tail is longer, and no one would read more. */
const longestText = 200_000;

/** Removes terminal escapes such as colours, which may be in the middle of a word. */
function withoutEscapes(text: string): string {
  return text.replace(escapeSequence, '').replace(controlCharacter, '');
}

/**
 * A terminal escape: a colour or cursor sequence, or the text of a title or clipboard command up to its end.
 */
const escapeSequence = /(?![\t\n\r])\p{Cc}(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|\][^\p{Cc}]*)/gu;
const controlCharacter = /(?![\t\n\r])\p{Cc}/gu;

/** The parts of a text between separators. */
const atom = /[^\s"'`,;:=<>()|[\]{}\\/@&?!#*…]+/g;

const plainForms: readonly RegExp[] = [
  // Words of prose and of programs: `memory`, `CUDA`, `OutOfMemoryError`, `kv_cache`.
  /^[A-Z]?[a-z]{1,20}$/,
  /^[A-Z]{1,9}s?$/,
  /^[a-z]{0,8}(?:[A-Z]{1,4}[a-z]{1,14}){1,6}[A-Z]{0,4}$/,
  // Numbers with a unit or a sign, dates, times and versions: `33.1`, `80%`, `2026-01-14T10`, `v0.13.0`,
  // `1.5GiB`.
  /^[-+~^$]?v?\d{1,12}(?:[.-]\d{1,12})*(?:[a-zA-Z%µ]{1,5}\d{0,3})?[.+-]?$/,
  // Names of a few letters and digits: `fp8`, `h100`, `mi355x`, `rank0`, `8k1k`, `FP4`, `Llama3`.
  /^[a-z]{0,6}\d{1,4}[a-z]{0,2}(?:\d{1,2}[a-z]{0,2})?$/,
  /^[A-Z]{0,6}\d{1,4}[A-Z]{0,2}(?:\d{1,2}[A-Z]{0,2})?$/,
  /^[A-Z][a-z]{1,8}\d{1,4}$/,
  /^[-.+~^$%]+$/,
];

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;

/** Whether an atom, or each of its parts between dots, dashes and underscores, has a harmless form. */
function isPlain(one: string): boolean {
  if (one.length > 160 || uuid.test(one)) return false;
  const matches = (part: string) => plainForms.some((form) => form.test(part));
  if (matches(one)) return true;
  const parts = one.split(/[-._+~$^%]+/).filter((part) => part !== '');
  return parts.length > 0 && parts.every(matches);
}

/** A single name, such as an engine's or a node's; undefined if it is not a name or has an unknown form. */
export function publicWord(text: string): string | undefined {
  return /^[\w.:+@~-]{1,200}$/.test(text) && publicText(text) === text ? text : undefined;
}

/** An id in a sweep, whose parts may be short hashes. */
export function publicId(text: string): string | undefined {
  const parts = /^[\w.-]{1,300}$/.test(text) && !uuid.test(text) ? text.split(/[-_]+/) : [''];
  return parts.every((part) => /^[0-9a-f]{1,12}$/.test(part) || publicWord(part) !== undefined)
    ? text
    : undefined;
}

/** A hash of content or of a commit, in hexadecimal or in the format of package registries. */
export function publicDigest(text: string): string | undefined {
  return /^(?:(?:sha\d{3}:)?[0-9a-f]{7,128}|sha\d{3}-[\w+/-]{1,100}=*)$/.test(text) ? text : undefined;
}

/** `user:password@` and `token@` before a registry, but not a digest or the version of a package. */
const credentialsOfName =
  /^(?!(?:npm|pypi):)(?:[^/]*:[^/]*@(?!sha256:)|[^/:@]+@(?=[\w-]+(?:\.[\w-]+)+(?::\d+)?\/))/;

/**
 * The public name of a model, an image or a file: a URL without credentials and query, a host path reduced to
 * its last name. Undefined for other texts.
 */
export function publicReference(text: string): string | undefined {
  if (text.length > 2_000) return undefined;
  const [, scheme = '', rest = text] = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/i.exec(text) ?? [];
  const credentials = (scheme === '' ? credentialsOfName : /^[^/]*@/).exec(rest)?.[0] ?? '';
  const address = rest.slice(credentials.length).replace(/[?].*$/s, '');
  const [, path] = scheme === '' ? (wholePath.exec(address) ?? []).slice(1) : [];
  const named = path === undefined ? `${scheme}${address}` : lastName(path);
  if (!/^[\w.:/@#+~%…-]{1,300}$/.test(named) || withoutSecrets(named) !== named) return undefined;
  return named;
}

/** The target of a link that users may click: only web pages; undefined for any other address. */
export function publicLink(text: string): string | undefined {
  return /^https?:\/\//i.test(text) ? publicReference(text) : undefined;
}

function lastName(path: string): string {
  const parts = path.split(/[\\/]/);
  while (parts.at(-1) === '') parts.pop();
  const isHome = parts.length === 3 && /^(?:home|Users)$/.test(parts[1] ?? '');
  return parts.length > 2 && !isHome ? `…/${parts.at(-1) ?? ''}` : '…';
}

/** The public name for display, with a placeholder if it is hidden. */
export function publicName(text: string): string {
  return publicReference(text) ?? hidden;
}

/** Flags that name a model. */
const modelFlag = /^-{1,2}(?:[\w-]*model(?:[-_](?:path|id|name))?|tokenizer)$/;

/**
 * The public form of a command line: its program, its flags, and values that are numbers, plain words or
 * models.
 */
export function publicArgs(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    const named = /^(-{0,2}[\w.-]+)([=:]\s*)(\S.*)$/s.exec(arg);
    const [, name = '', separator = '', value = ''] = named ?? [];
    if (named !== null && isSecret(name)) return `${name}${separator}${hidden}`;
    if (named !== null && name.startsWith('-') && separator.startsWith('='))
      return `${isPlain(name) ? name : elided}${separator}${argument(value, name)}`;
    const before = args[index - 1] ?? '';
    if (before.startsWith('-') && isSecret(before) && !arg.startsWith('--')) return hidden;
    return argument(arg, before.startsWith('-') ? before : undefined);
  });
}

/** One argument: the value of a flag, or a positional one. */
function argument(arg: string, flag: string | undefined): string {
  const [, option = '', path] = wholePath.exec(arg) ?? [];
  if (path !== undefined) return `${option}${publicText(lastName(path))}`;
  const names = flag === undefined || modelFlag.test(flag);
  const reference = names && /^[\w.-]+\/[\w.-]+$/.test(arg) ? publicReference(arg) : undefined;
  return reference ?? publicText(arg);
}

/** The public form of environment variables: their names, and values that are numbers or plain words. */
export function publicVariables(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables)
      .filter(([name]) => /^[A-Za-z_]\w{0,80}$/.test(name))
      .map(([name, value]) => [name, isSecret(name) ? hidden : publicText(value)]),
  );
}
