import { Command, Option } from 'commander';
import { z } from 'zod';
import { parseJson } from '../../../bounded-json.ts';
import { criteriaFault, priorityPolicySchema, withPriorities } from '../../../ci/index.ts';
import { readYamlAs } from '../../../config/index.ts';
import { defined } from '../../../defined/defined.ts';
import { InputError } from '../../../errors.ts';
import { nameOf, textOfNamedOrInput } from '../../../named-file.ts';
import { reasonFor } from '../../../schema-words.ts';
import { positiveInteger } from '../../options.ts';

interface PriorityOptions {
  readonly policy: string;
  readonly eventName: string;
  readonly labelsJson: string;
  readonly criteriaJson: string;
  readonly queueNamespace: string;
  readonly prNumber?: number;
  readonly input: string;
}

/** `inferencemax ci priority`. */
export function priorityCommand(): Command {
  return new Command('priority')
    .description('Adds a priority and a queue token to every job of a matrix, and prints it as JSON.')
    .addOption(
      new Option('--policy <file>', 'policy file with the priority points').default(
        'configs/ci-priority.yaml',
      ),
    )
    .addOption(new Option('--event-name <name>', "GitHub's event, such as push").default(''))
    .addOption(
      new Option('--labels-json <list>', 'labels of the pull request, as a JSON array').default('[]'),
    )
    .addOption(
      new Option('--criteria-json <list>', 'count points only for these criteria, as a JSON array').default(
        '',
        'all',
      ),
    )
    .addOption(
      new Option('--queue-namespace <name>', 'scope of the queue tokens, such as the run id').default(
        'local',
      ),
    )
    .addOption(new Option('--pr-number <n>', 'number of the pull request').argParser(positiveInteger))
    .addOption(new Option('--input <file>', 'matrix as JSON').default('-', 'standard input'))
    .addHelpText(
      'after',
      `
Example:
  inferencemax generate full-sweep | inferencemax ci priority --event-name push --queue-namespace 17-1`,
    )
    .action(async (options: PriorityOptions) => {
      const { data: policy } = await readYamlAs(options.policy, priorityPolicySchema);
      const criteria = listOf('--criteria-json', options.criteriaJson);
      const fault = criteria === undefined ? undefined : criteriaFault(policy, criteria);
      if (fault !== undefined) throw new InputError([fault]).asFailedRun();
      const context = {
        event: options.eventName,
        labels: listOf('--labels-json', options.labelsJson) ?? [],
        namespace: options.queueNamespace,
        ...defined({ criteria, pullRequest: options.prNumber }),
      };
      const matrix = await matrixOf(options.input);
      process.stdout.write(`${JSON.stringify(withPriorities(matrix, policy, context))}\n`);
    });
}

/** Parses a JSON array of texts from a workflow; undefined for an empty text or null. An invalid one fails the job. */
function listOf(option: string, text: string): string[] | undefined {
  if (text === '') return undefined;
  try {
    return z.array(z.string()).nullable().parse(parseJson(text)) ?? undefined;
  } catch (error) {
    throw new InputError(`${option} is not a JSON array of texts: ${reasonFor(error)}`).asFailedRun();
  }
}

async function matrixOf(file: string): Promise<unknown> {
  const text = await textOfNamedOrInput(file);
  try {
    return parseJson(text);
  } catch (error) {
    throw new InputError([{ file: nameOf(file), message: `not JSON: ${reasonFor(error)}` }]);
  }
}
