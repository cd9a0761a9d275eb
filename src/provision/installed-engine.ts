import { dirname } from 'node:path/posix';
import { defined } from '../defined/defined.ts';
import { InputError } from '../errors.ts';
import { mustRun, type Runner } from '../hosts/index.ts';
import { pathEngine, saysItsVersion, versionIn, versionTimeoutMs } from './present-engine.ts';
import type { WantedEngine } from './provision.ts';
import { environmentWith, versionOf } from './python-environment.ts';

/** An engine installed on another host. */
export interface InstalledEngine {
  /** The program's path on that host. */
  readonly program: string;
  /** The PATH on that host, with the folder of the program first. */
  readonly searchPath: string;
  readonly digest: string;
  readonly version?: string;
}

/**
 * Finds the program $1, given as a path or a command name, and prints its location, the PATH, and the Python packages
 * next to it: those in its folder or, if it is a link, in its environment.
 */
const lookScript = `case $1 in
  '~/'*) program=$HOME/\${1#'~/'} ;;
  */*) program=$1 ;;
  *) program=$(command -v "$1") ;;
esac
if ! [ -f "$program" ] || ! [ -x "$program" ]; then echo absent; exit 0; fi
echo "program $program"
echo "path $PATH"
found=
for each in "$program" "$(readlink -f "$program")"; do
  [ -z "$found" ] || break
  for package in "\${each%/*/*}"/lib/python3*/site-packages/*.dist-info; do
    if [ -e "$package" ]; then found=yes; echo "package \${package##*/}"; fi
  done
done
[ -n "$found" ] || sha256sum <"$program" | sed 's/^/sha256 /'`;

/**
 * Finds a program on a host and identifies the exact engine. Throws InputError if it is not there.
 * @param where The host, as the user names it.
 */
export async function installedEngine(
  program: string,
  host: Runner,
  { reference, where, packages, signal }: Pick<WantedEngine, 'packages'> & Looked,
): Promise<InstalledEngine> {
  if (/^[^/~].*\//.test(program))
    throw new InputError(
      `image '${reference}' is a path relative to the current folder, which ${where} does not share`,
      `name the folder by its path there, from / or ~/, as in ${pathEngine.example}`,
      { code: 'engine-unavailable' },
    );
  const options = { signal, timeoutMs: versionTimeoutMs };
  const said = fieldsOf(await mustRun(host, ['sh', '-c', lookScript, 'look-for', program], options));
  const [found] = said.get('program') ?? [];
  const [path = ''] = said.get('path') ?? [];
  if (found === undefined)
    throw new InputError(
      `image '${reference}': there is no program ${program} on ${where}`,
      `commands over ssh do not have the PATH of a login shell: name the folder there whose bin/ has the program, such as ${pathEngine.example}`,
      { code: 'engine-unavailable' },
    );
  const entries = said.get('package');
  const environment = entries && environmentWith(entries);
  const searchPath = `${dirname(found)}:${path}`;
  const known = environment && versionOf(environment, packages);
  return {
    program: found,
    searchPath,
    digest: environment?.digest ?? `sha256-${/^[0-9a-f]+/.exec(said.get('sha256')?.[0] ?? '')?.[0] ?? ''}`,
    ...defined({
      version: known ?? (await askVersion(found, host, { ...options, env: { PATH: searchPath } })),
    }),
  };
}

/** What was searched for and where, in words. */
interface Looked {
  readonly reference: string;
  readonly where: string;
  readonly signal: AbortSignal;
}

async function askVersion(
  program: string,
  host: Runner,
  options: Parameters<Runner['run']>[1],
): Promise<string | undefined> {
  if (!saysItsVersion(program)) return undefined;
  const { code, stdout, stderr } = await host.run([program, '--version'], options);
  return code === 0 ? versionIn(`${stdout}\n${stderr}`) : undefined;
}

/** Parses lines of a word and the rest. */
function fieldsOf(text: string): ReadonlyMap<string, readonly string[]> {
  const fields = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^(\w+) (.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  return fields;
}
