import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';
import { januaryFolder } from '../../test/support/january.ts';

/**
 * Measures how long a full sweep of the NVIDIA and AMD masters takes as a process, for both contracts, and how that grows
 * with 100 times the configs. If a variable names a contract's public generator script, both run alternately and the
 * ratio is printed; for August it may be at most a half.
 *
 *     PUBLIC_GENERATOR=…/utils/matrix_logic/generate_sweep_configs.py node performance/generate/run.ts
 */
const runs = 9;
const mostOfPublic = 0.5;
const bin = join(packageRoot, 'bin', 'inferencemax.js');

interface Contract {
  readonly name: string;
  readonly folder: string;
  readonly more: readonly string[];
  /** The variable that names the public generator's script. */
  readonly variable: string;
  readonly most?: number;
}

const august: Contract = {
  name: 'August 2026',
  folder: packageRoot,
  more: [],
  variable: 'PUBLIC_GENERATOR',
  most: mostOfPublic,
};
const january: Contract = {
  name: 'January 2026',
  folder: januaryFolder,
  more: ['--single-node'],
  variable: 'PUBLIC_GENERATOR_OF_JANUARY',
};

const mastersOf = ({ folder }: Contract) =>
  ['nvidia-master.yaml', 'amd-master.yaml'].map((name) => join(folder, '.github', 'configs', name));

interface Times {
  readonly wallS: number;
  readonly cpuS: number;
}

/** One run of a command as a whole process: wall time, and CPU time including its children. */
function once(argv: readonly string[]): Times {
  // Uses a separate process, so that the reported usage of children is that of this command only.
  const timer = `
    const { spawnSync } = require('node:child_process');
    const start = performance.now();
    const { status, stderr } = spawnSync(process.argv[1], process.argv.slice(2), { stdio: ['ignore', 'ignore', 'pipe'] });
    const wallS = (performance.now() - start) / 1000;
    if (status !== 0) { process.stderr.write(stderr); process.exit(1); }
    const [userTicks, systemTicks] = require('node:fs').readFileSync('/proc/self/stat', 'latin1').split(') ')[1].split(' ').slice(13);
    console.log(JSON.stringify({ wallS, cpuS: (Number(userTicks) + Number(systemTicks)) / 100 }));`;
  const output = execFileSync(process.execPath, ['-e', timer, ...argv], { encoding: 'utf8' });
  const times: Times = JSON.parse(output);
  return times;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Runs commands alternately, A B A B …, after a warm-up each, so that drift of the machine affects both. */
function inTurn(commands: readonly (readonly string[])[], count: number): Times[] {
  for (const argv of commands) once(argv);
  const measured = commands.map((): Times[] => []);
  for (let run = 0; run < count; run++) {
    for (const [index, argv] of commands.entries()) measured[index]?.push(once(argv));
  }
  return measured.map((times) => ({
    wallS: median(times.map(({ wallS }) => wallS)),
    cpuS: median(times.map(({ cpuS }) => cpuS)),
  }));
}

function show(name: string, { wallS, cpuS }: Times): void {
  console.log(`${name.padEnd(44)} ${wallS.toFixed(3)} s wall  ${cpuS.toFixed(2)} s CPU`);
}

const options = ({ folder, more }: Contract, files: readonly string[]) => [
  'full-sweep',
  ...more,
  '--config-files',
  ...files,
  '--runner-config',
  join(folder, '.github', 'configs', 'runners.yaml'),
];
const ours = (contract: Contract, files: readonly string[]) => [
  process.execPath,
  bin,
  'generate',
  ...options(contract, files),
];

for (const contract of [august, january]) {
  const masters = mastersOf(contract);
  const script = process.env[contract.variable];
  const publicRun = script === undefined ? [] : [['python3', script, ...options(contract, masters)]];
  const [own, theirs] = inTurn([ours(contract, masters), ...publicRun], runs);
  if (own !== undefined) show(`full sweep of both masters of ${contract.name}`, own);
  if (own === undefined || theirs === undefined) {
    console.log(`the public generator is not measured: ${contract.variable} does not name its script`);
    continue;
  }
  show('the public generator', theirs);
  const [wall, cpu] = [own.wallS / theirs.wallS, own.cpuS / theirs.cpuS];
  const bound =
    contract.most === undefined
      ? ''
      : `; at most ${contract.most} of its CPU time: ${cpu <= contract.most ? 'pass' : 'miss'}`;
  console.log(`ratio, ours / public: ${wall.toFixed(2)} wall, ${cpu.toFixed(2)} CPU${bound}`);
}

const [bare, help] = inTurn(
  [
    [process.execPath, '-e', '0'],
    [process.execPath, bin, '--help'],
  ],
  runs,
);
if (bare !== undefined) show('an empty Node', bare);
if (help !== undefined) show('inferencemax --help', help);

const folder = mkdtempSync(join(tmpdir(), 'bench-generate-'));
try {
  for (const factor of [1, 10, 100]) {
    const files = mastersOf(january).map((master, index) => {
      const text = readFileSync(master, 'utf8');
      const copies = Array.from({ length: factor }, (_, copy) =>
        text.replaceAll(/^(\w[\w.-]*):$/gm, `$1-${copy}:`),
      );
      const file = join(folder, `${factor}-${index}.yaml`);
      writeFileSync(file, copies.join('\n'));
      return file;
    });
    const [scaled] = inTurn([ours(january, files)], factor === 100 ? 3 : runs);
    if (scaled !== undefined) show(`${factor}× the configs, ${710 * factor} entries`, scaled);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
