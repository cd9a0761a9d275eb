import { engines } from '../../engines/index.ts';
import { seesPath } from '../../launchers/index.ts';
import {
  floatPrecisionFault,
  type LocalFault,
  modelFault,
  modelFaultElsewhere,
} from '../../provision/index.ts';
import type { NodePlace } from '../nodes.ts';
import { wantedModel } from '../serving-facts.ts';
import { type Check, type CheckSubject, onNodes } from './check.ts';
import { doings } from './image.ts';

export const model: Check = {
  name: 'model',
  code: 'model-unavailable',
  looksAt: 'the model of a config, and the place where the engines of its pool read their weights',
  find: async (subject) => {
    const found = await onNodes(subject, async (node) => {
      const fault = await weightsFault(subject, node);
      return fault && { ...fault, message: `${doings[node.runs]}, and ${fault.message}` };
    });
    return found.map(({ who, message, onlyHere, ...rest }) => ({
      severity: onlyHere ? 'cannot-run' : 'error',
      field: 'model',
      message: `${who} ${message}`,
      ...rest,
    }));
  },
};

async function weightsFault(
  { entry, poolFile, facts }: CheckSubject,
  { runs, settings }: NodePlace,
): Promise<LocalFault | undefined> {
  const reference = entry.model;
  // The name of an external server's model is checked against the server itself.
  if (facts.isRunning) return undefined;
  if (runs === 'provisioned engines') return await modelFault(reference, wantedModel(entry));
  const fault = modelFaultElsewhere(reference);
  if (fault !== undefined || !reference.startsWith('/') || seesPath(settings, reference)) return fault;
  return {
    message: `model '${reference}' is not mounted in them`,
    hint: `add its folder to mounts in ${poolFile ?? "the pool's file"}, such as mounts: ['${reference}:${reference}:ro']`,
  };
}

export const weightsPrecision: Check = {
  name: 'precision of weights',
  code: 'model-unavailable',
  looksAt: 'whether the weights of a GGUF file are available in the precision that the engine reads',
  find: ({ entry, nodes }) => {
    const engine = engines.find(({ framework }) => framework === entry.framework);
    const converts = engine?.weights === 'hugging-face' && entry.model.endsWith('.gguf');
    if (!converts || !nodes.some(({ runs }) => runs === 'provisioned engines')) return [];
    const fault = floatPrecisionFault(entry.precision);
    return fault === undefined ? [] : [{ severity: 'error', field: 'precision', ...fault }];
  },
};
