import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { curveNameOf, lengthsIn, readAcceptanceFile, thinkingModes } from '../config/index.ts';
import { InputError } from '../errors.ts';
import { acceptanceOfEntry, isAcceptanceLength, type MatrixEntry } from '../identity/index.ts';
import { packageRoot } from '../package-root.ts';
import { configFolder } from './default-files.ts';

type Lengths = Readonly<Record<string, number>>;

/** Folders with acceptance curves: beside the configs, then those of the product. */
function curveFolders(): readonly string[] {
  const folders = [configFolder(), join(packageRoot, '.github', 'configs')].map((folder) =>
    join(folder, 'acceptance'),
  );
  return [...new Set(folders)].filter((folder) => existsSync(folder));
}

/** Reads the acceptance curves that entries name. Throws InputError for a curve that does not exist or cannot be read. */
export async function curvesOf(entries: readonly MatrixEntry[]): Promise<(name: string) => Lengths> {
  const names = new Set(entries.flatMap((entry) => acceptanceOfEntry(entry) ?? []));
  const curves = new Map<string, Lengths>();
  for (const name of names) if (!isAcceptanceLength(name)) curves.set(name, await curveNamed(name));
  return (name) => curves.get(name) ?? unknownCurve(name);
}

async function curveNamed(name: string): Promise<Lengths> {
  const parts = curveNameOf(name);
  if (parts === undefined) return unknownCurve(name);
  const file = curveFolders()
    .map((folder) => join(folder, `${parts.stem}.yaml`))
    .find((path) => existsSync(path));
  if (file === undefined) return unknownCurve(name);
  return lengthsIn(file, await readAcceptanceFile(file), parts.mode);
}

function unknownCurve(name: string): never {
  const known = curveFolders()
    .flatMap((folder) => readdirSync(folder))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length));
  throw new InputError(
    `acceptance: '${name}' is neither a length, such as '2.49', nor an acceptance curve`,
    `the curves are ${[...new Set(known)].toSorted().join(', ')}, each also with :${thinkingModes.join(' or :')}`,
    { code: 'not-measurable' },
  );
}
