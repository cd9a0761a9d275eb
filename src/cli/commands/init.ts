import { Command, Option } from 'commander';
import { type Initial, type InitOptions, proposeFiles, writeProposal } from '../../app/init.ts';
import { formatProblem } from '../../errors.ts';
import { printableLines } from '../../printable.ts';
import { invocation } from '../invocation.ts';
import { jsonOption } from '../options.ts';
import { setupOptions } from '../setup-options.ts';

interface InitCommandOptions extends InitOptions {
  readonly dryRun?: true;
  readonly force?: true;
  readonly json?: true;
}

/** `inferencemax init`: writes a runner pool and a first config for this machine. */
export function command(): Command {
  const init = new Command('init').description(
    'Inspects this machine, and writes a runner pool and a first config for it to the current folder.',
  );
  for (const option of setupOptions()) init.addOption(option);
  return init
    .addOption(
      new Option('--name <name>', "suffix of the pool name after the GPU (default: the machine's name)"),
    )
    .addOption(new Option('--dry-run', 'print the files and write nothing'))
    .addOption(new Option('--force', 'overwrite existing files'))
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  inferencemax init
  inferencemax init --engine /opt/venvs/vllm --model /models/Llama-3.1-8B
  inferencemax init --engine url:http://127.0.0.1:8000

Exit codes: 0 files written and ready to run, 2 something is missing (the message says what).`,
    )
    .action(async (options: InitCommandOptions) => {
      const initial = await proposeFiles(options);
      const { proposal, unreached } = initial;
      const force = options.force === true;
      const otherwise = 'run it in an empty folder, or replace them with --force';
      const checked = options.dryRun ? [] : await writeProposal(proposal, { force, otherwise });
      const warnings = [...checked, ...(unreached === undefined ? [] : [unreached])];
      if (options.json) {
        process.stdout.write(`${JSON.stringify({ ...initial, warnings, next: nextOf(initial) })}\n`);
        return;
      }
      process.stdout.write(`${printableLines(inWords(initial))}\n`);
      if (options.dryRun) {
        for (const { path, content } of proposal.files)
          process.stdout.write(`\n# ${path}\n${printableLines(content.trimEnd())}\n`);
      } else {
        for (const { path } of proposal.files) process.stdout.write(`wrote    ${path}\n`);
      }
      for (const warning of warnings) process.stdout.write(`warning: ${formatProblem(warning)}\n`);
      if (options.dryRun) return;
      process.stdout.write(
        `\nNext:\n${nextOf(initial)
          .map((line) => `  ${line}\n`)
          .join('')}`,
      );
    });
}

/** Lists what was found, then the choices that follow. */
function inWords({ found, proposal }: Initial): string {
  const lines = [
    ...found.engines.map(({ framework, version, image }) =>
      version === undefined ? `${framework} at ${image}` : `${framework} ${version} at ${image}`,
    ),
    ...found.models.map(({ path, lacks }) =>
      lacks.length === 0 ? path : `${path}, not whole: ${lacks.join('; ')}`,
    ),
    ...found.tools.map(({ tool, says }) => `${tool} (${says})`),
  ];
  return [
    ...lines.map((line) => `found    ${line}`),
    ...proposal.decisions.map((line) => `chosen   ${line}`),
  ].join('\n');
}

function nextOf({ proposal }: Initial): string[] {
  const product = invocation(process.env);
  return [`${product} run --config-keys ${proposal.configKey}`, `${product} serve`];
}
