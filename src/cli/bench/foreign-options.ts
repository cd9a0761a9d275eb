import { type Command, Option } from 'commander';
import { InputError } from '../../errors.ts';

const asFile =
  'save the part of the data set that you need as JSON lines: --dataset-name custom --dataset-path FILE';
const drawn = 'a saved result (--save-result) contains the timeline and distributions, ready to plot';

/** Options of other clients that `bench serve` does not have, with what to use instead. */
export const refusedOptions: Readonly<Record<string, string>> = {
  '--plot-timeline': drawn,
  '--timeline-itl-thresholds': drawn,
  '--plot-dataset-stats': '--save-detailed stores the lengths of every request',
  '--use-beam-search':
    'beam search does not stream tokens, so they cannot be timed; use --n for several replies',
  '--no-stream': 'token latencies need streamed replies',
  '--hf-name': asFile,
  '--hf-subset': asFile,
  '--hf-split': asFile,
  '--hf-output-len': asFile,
  '--sonnet-input-len': asFile,
  '--sonnet-output-len': asFile,
  '--sonnet-prefix-len': asFile,
  '--spec-bench-output-len': asFile,
  '--spec-bench-category': asFile,
  '--blazedit-min-distance': asFile,
  '--blazedit-max-distance': asFile,
  '--enable-multimodal-chat': 'images are always sent as chat messages',
  '--no-reranker': 'a ranking is always sent as a query with documents',
  '--random-mm-limit-mm-per-prompt':
    'only images are sent; --random-mm-base-items-per-request sets their number',
  // Options of SGLang's client.
  '--disable-stream': 'token latencies need streamed replies',
  '--disable-ignore-eos': "replies end at the model's end-of-sequence token unless --ignore-eos is given",
  '--return-logprob': '--logprobs 0',
  '--apply-chat-template': '--use-chat-template',
  '--extra-request-body': '--extra-body',
  '--lora-name': '--lora-modules',
  '--warmup-requests': '--num-warmups',
  '--output-file': '--save-result with --result-dir and --result-filename',
  '--output-details': '--save-detailed',
  '--random-input': '--random-input-len',
  '--random-output': '--random-output-len',
};

/** Options of other clients that have no effect here; existing scripts pass them. */
const ignoredOptions = [
  '--trust-remote-code',
  '--disable-tqdm',
  '--tokenizer-mode <mode>',
  '--skip-tokenizer-init',
];

/** Accepts options of other clients; those without an equivalent end the command with an error before it starts. */
export function addForeignOptions(command: Command): Command {
  for (const flags of ignoredOptions) command.addOption(new Option(flags).hideHelp());
  for (const flags of Object.keys(refusedOptions)) command.addOption(refusing(flags));
  return command.hook('preAction', (_, action) => {
    for (const [flags, instead] of Object.entries(refusedOptions)) {
      if (action.getOptionValueSource(refusing(flags).attributeName()) === 'cli')
        throw new InputError(`${flags} is an option of another client; here: ${instead}`);
    }
  });
}

function refusing(flags: string): Option {
  return new Option(flags.startsWith('--no-') ? flags : `${flags} [values...]`).hideHelp();
}
