import { containerImageFault, hasVersion, type Launcher } from '../../launchers/index.ts';
import { engineFault, engineSourceKind, type LocalFault } from '../../provision/index.ts';
import { wantedEngine } from '../serving-facts.ts';
import { type Check, onNodes } from './check.ts';

/** How a launcher uses an image, in words. */
export const doings: Readonly<Record<Launcher['runs'], string>> = {
  containers: 'runs container images',
  'provisioned engines': 'starts engines outside containers',
  'installed engines': 'runs engines that are installed there',
};

export const image: Check = {
  name: 'image',
  code: 'engine-unavailable',
  looksAt: 'the image of a config, and the launcher of its pool',
  find: async (subject) => {
    const { entry } = subject;
    const found = await onNodes(subject, async ({ runs }) => {
      const fault = await imageFault(entry.image, entry.framework, runs);
      return fault && { ...fault, message: `${doings[runs]}, and ${fault.message}` };
    });
    return found.map(({ who, message, onlyHere, ...rest }) => ({
      severity: onlyHere ? 'cannot-run' : 'error',
      field: 'image',
      message: `${who} ${message}`,
      ...rest,
    }));
  },
};

async function imageFault(
  reference: string,
  framework: string,
  runs: Launcher['runs'],
): Promise<LocalFault | undefined> {
  const kind = engineSourceKind(reference);
  if (kind === 'server') return await engineFault(reference);
  if (runs === 'installed engines' && kind !== 'package') return undefined;
  if (runs === 'installed engines')
    return {
      message: `image '${reference}' is a package, which can only be installed on this machine`,
      hint: 'install it there and use its folder, such as path:/opt/venvs/vllm, or use a pool with the local launcher',
    };
  if (runs === 'provisioned engines') return await engineFault(reference, wantedEngine(framework));
  if (kind === undefined) return containerImageFault(reference);
  return {
    message: `image '${reference}' is ${kind === 'package' ? 'a package' : 'an engine that is installed on a machine'}`,
    hint: 'use a container image such as vllm/vllm-openai:v0.13.0, or a pool whose launcher runs no containers, such as local',
  };
}

export const imageVersion: Check = {
  name: 'image version',
  code: 'engine-unavailable',
  looksAt: 'whether a container image has a tag or digest',
  find: ({ entry, nodes }) =>
    nodes.some(({ runs }) => runs === 'containers') &&
    engineSourceKind(entry.image) === undefined &&
    containerImageFault(entry.image) === undefined &&
    !hasVersion(entry.image)
      ? [
          {
            severity: 'warning',
            field: 'image',
            message: `image '${entry.image}' has no tag, so each run may use another version`,
            hint: `add one, as in ${entry.image}:v1.2.3`,
          },
        ]
      : [],
};
