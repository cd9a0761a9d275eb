import { basename, extname } from 'node:path';
import { Command } from 'commander';
import { writeFileAtomically } from '../../atomic-file.ts';
import type { RequestRecord } from '../../load/index.ts';
import { jsonOption } from '../options.ts';

export function plotCommand(): Command {
  return new Command('plot')
    .description(
      'Draws one run: its timeline, its distributions, and TTFT against input length, as an HTML file.',
    )
    .argument('<file>', 'a file of bench serve --save-requests: .jsonl or .parquet')
    .option('--output <file>', 'the HTML file (default: the input file with the extension .html)')
    .addOption(jsonOption())
    .addHelpText(
      'after',
      `
Examples:
  inferencemax bench serve --base-url http://127.0.0.1:8000 --max-concurrency 16 --save-requests run.jsonl
  inferencemax bench plot run.jsonl`,
    )
    .action(async (file: string, { output, json }: { output?: string; json?: boolean }) => {
      const { loadRequestFiles } = await import('../../results/index.ts');
      const { readRequests, requestsPage } = await loadRequestFiles();
      const records: RequestRecord[] = [];
      // Texts are not drawn, and can be larger than everything else.
      for await (const record of readRequests(file)) records.push({ ...record, text: null });
      const path = output ?? `${file.slice(0, file.length - extname(file).length)}.html`;
      await writeFileAtomically(path, requestsPage(basename(file), records));
      if (json === true)
        process.stdout.write(`${JSON.stringify({ written: path, requests: records.length })}\n`);
      else process.stderr.write(`written: ${path}\n`);
    });
}
