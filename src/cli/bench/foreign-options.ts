import { type Command, Option } from 'commander';
import { InputError } from '../../errors.ts';

const asFile = 'save what you want of the data set as JSON lines: --dataset-name custom --dataset-path FILE';
const textOnly = 'only text is sent';
const drawn = 'a saved result has timeline and distributions, ready to be drawn: --save-result';

/** Options that other clients have and `bench serve` has not, with what to use in their place. */
export const refusedOptions: Readonly<Record<string, string>> = {
  '--plot-timeline': drawn,
  '--timeline-itl-thresholds': drawn,
  '--plot-dataset-stats': '--save-detailed keeps the lengths of every request',
  '--use-beam-search': 'beam search has no stream whose tokens could be timed; --n asks for several replies',
  '--no-stream': 'only streamed replies have latencies of tokens',
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
  '--enable-multimodal-chat': textOnly,
  '--random-batch-size': 'each request has one prompt',
  '--no-reranker': 'reranking is not measured, only generation',
  '--random-mm-base-items-per-request': textOnly,
  '--random-mm-num-mm-items-range-ratio': textOnly,
  '--random-mm-limit-mm-per-prompt': textOnly,
  '--random-mm-bucket-config': textOnly,
  // Of SGLang's client.
  '--disable-stream': 'only streamed replies have latencies of tokens',
  '--disable-ignore-eos': 'replies end where the model ends them unless --ignore-eos is given',
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

/** Options of other clients that change nothing here: scripts written for those clients pass them. */
const ignoredOptions = [
  '--trust-remote-code',
  '--disable-tqdm',
  '--tokenizer-mode <mode>',
  '--skip-tokenizer-init',
];

/** Lets a command take the options of other clients; those that it cannot do end it before it begins. */
export function addForeignOptions(command: Command): Command {
  for (const flags of ignoredOptions) command.addOption(new Option(flags).hideHelp());
  for (const flags of Object.keys(refusedOptions)) command.addOption(refusing(flags));
  return command.hook('preAction', (_, action) => {
    for (const [flags, instead] of Object.entries(refusedOptions)) {
      if (action.getOptionValueSource(refusing(flags).attributeName()) === 'cli')
        throw new InputError(`${flags} is an option of another client: ${instead}`);
    }
  });
}

function refusing(flags: string): Option {
  return new Option(flags.startsWith('--no-') ? flags : `${flags} [values...]`).hideHelp();
}
