import { Option } from 'commander';

/** Options for facts that `init` cannot detect. */
export const setupOptions = () => [
  new Option(
    '--engine <engine>',
    'folder with bin/ (such as a virtual environment), command:NAME, or url:http://HOST:PORT of a running server (default: detected)',
  ),
  new Option(
    '--model <model>',
    'folder of weights, GGUF file, or Hugging Face repository (default: detected)',
  ),
  new Option('--dummy', 'use dummy weights: speed is real, answers are not'),
];
