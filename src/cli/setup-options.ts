import { Option } from 'commander';

/** The options by which a user says what is not found by looking. */
export const setupOptions = () => [
  new Option(
    '--engine <engine>',
    'a folder with bin/ (a virtual environment), command:NAME, or url:http://HOST:PORT of a server that runs (default: what is found)',
  ),
  new Option(
    '--model <model>',
    'a folder of weights, a GGUF file, or a repository of the Hugging Face hub (default: what is found)',
  ),
  new Option('--dummy', 'let the engine make the weights up: speed is real, answers are not'),
];
