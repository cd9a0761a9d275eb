import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.ts';

/**
 * Measures how long a full sweep of the NVIDIA and AMD masters takes as a process, and how that grows with 100 times
 * the configs. If PUBLIC_GENERATOR names the public generator's script, both run alternately and the ratio is printed.
 */
const runs = 9;
const configs = join(packageRoot, '.github', 'configs');
const runners = join(configs, 'runners.yaml');
const masters = ['nvidia-master.yaml', 'amd-master.yaml'].map((name) => join(configs, name));
const bin = join(packageRoot, 'bin', 'inferencemax.js');

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

const options = (files: readonly string[]) => [
  'full-sweep',
  '--single-node',
  '--config-files',
  ...files,
  '--runner-config',
  runners,
];
const ours = (files: readonly string[]) => [process.execPath, bin, 'generate', ...options(files)];

const script = process.env.PUBLIC_GENERATOR;
const [own, theirs] = inTurn(
  script === undefined ? [ours(masters)] : [ours(masters), ['python3', script, ...options(masters)]],
  runs,
);
if (own !== undefined) show('full sweep of both masters', own);
if (own !== undefined && theirs !== undefined) {
  show('the public generator', theirs);
  console.log(
    `ratio, ours / public: ${(own.wallS / theirs.wallS).toFixed(2)} wall, ${(own.cpuS / theirs.cpuS).toFixed(2)} CPU`,
  );
} else console.log('the public generator is not measured: PUBLIC_GENERATOR does not name its script');

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
    const files = masters.map((master, index) => {
      const text = readFileSync(master, 'utf8');
      const copies = Array.from({ length: factor }, (_, copy) =>
        text.replaceAll(/^(\w[\w.-]*):$/gm, `$1-${copy}:`),
      );
      const file = join(folder, `${factor}-${index}.yaml`);
      writeFileSync(file, copies.join('\n'));
      return file;
    });
    const [scaled] = inTurn([ours(files)], factor === 100 ? 3 : runs);
    if (scaled !== undefined) show(`${factor}× the configs, ${710 * factor} entries`, scaled);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
