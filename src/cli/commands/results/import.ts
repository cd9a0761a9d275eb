import { Command, Option } from 'commander';
import { defined } from '../../../defined/defined.ts';
import { type ImportedFile, importFiles, importFormats } from '../../../results/index.ts';
import { jsonOption, positiveInteger } from '../../options.ts';

interface ImportCommandOptions {
  readonly json?: true;
  readonly from?: string;
  readonly model?: string;
  readonly concurrency?: number;
  readonly outDir: string;
  readonly process?: boolean;
}

/** `inferencemax results import`. */
export function importCommand(): Command {
  const tools = importFormats.map(({ tool, title }) => `  ${tool.padEnd(14)} ${title}`).join('\n');
  return new Command('import')
    .description(
      `Converts results of other tools to raw results. The tool is recognised from the file. Implausible values are dropped with a warning; a file without any plausible value is rejected:
${tools}`,
    )
    .argument('<files...>', 'JSON or JSON lines files of the tools')
    .addOption(new Option('--from <tool>', 'tool that wrote them (default: recognised from the file)'))
    .addOption(new Option('--model <name>', 'served model, if the file does not contain it'))
    .addOption(
      new Option(
        '--concurrency <n>',
        'maximum requests in flight, if the file does not contain it',
      ).argParser(positiveInteger),
    )
    .addOption(new Option('--out-dir <folder>', 'folder for the converted results').default('.'))
    .addOption(
      new Option(
        '--process',
        'also write their aggregate rows from the environment, as `results process` does',
      ),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nExample:\n  inferencemax results import artifacts/profile_export_aiperf.json --out-dir results/',
    )
    .action(async (files: readonly string[], options: ImportCommandOptions) => {
      const { from, model, concurrency, outDir } = options;
      const imported = await importFiles(files, {
        outDir,
        ...defined({ from, model, concurrency, environment: options.process ? process.env : undefined }),
      });
      if (options.json) process.stdout.write(`${JSON.stringify(imported)}\n`);
      else for (const each of imported) process.stdout.write(linesOf(each));
    });
}

/** What was written, from which result in the file, and which values were dropped. */
function linesOf({ file, tool, result, of, doubts, rowFile }: ImportedFile): string {
  const which = of === 1 ? tool : `${tool}, result ${result} of ${of}`;
  const row = rowFile === undefined ? '' : ` and ${rowFile}`;
  return [`wrote ${file} (${which})${row}`, ...doubts.map((doubt) => `  ${doubt}`)].join('\n').concat('\n');
}
