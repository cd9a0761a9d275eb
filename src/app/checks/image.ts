import type { Fault } from '../../errors.ts';
import { containerImageFault, hasVersion, type Launcher } from '../../launchers/index.ts';
import { engineFault, isPackage } from '../../provision/index.ts';
import { type Check, onNodes } from './check.ts';

/** What a launcher makes of an image, in words. */
export const doings: Readonly<Record<Launcher['runs'], string>> = {
  containers: 'runs container images',
  'provisioned engines': 'installs its engines',
  'installed engines': 'runs engines that are installed there',
};

export const image: Check = {
  name: 'image',
  looksAt: 'the image of a config, and the launcher of its pool',
  find: async (subject) => {
    const found = await onNodes(subject, ({ runs }) => {
      const fault = imageFault(subject.entry.image, runs);
      return fault && { ...fault, message: `${doings[runs]}, and ${fault.message}` };
    });
    return found.map(({ who, message, ...rest }) => ({
      severity: 'error',
      field: 'image',
      message: `${who} ${message}`,
      ...rest,
    }));
  },
};

function imageFault(reference: string, runs: Launcher['runs']): Fault | undefined {
  if (runs === 'installed engines') return undefined;
  if (runs === 'provisioned engines') return engineFault(reference);
  if (!isPackage(reference)) return containerImageFault(reference);
  return {
    message: `image '${reference}' is a package`,
    hint: 'name a container image such as vllm/vllm-openai:v0.13.0, or a pool whose launcher installs engines',
  };
}

export const imageVersion: Check = {
  name: 'image version',
  looksAt: 'whether a container image names its version',
  find: ({ entry, nodes }) =>
    nodes.some(({ runs }) => runs === 'containers') &&
    !isPackage(entry.image) &&
    containerImageFault(entry.image) === undefined &&
    !hasVersion(entry.image)
      ? [
          {
            severity: 'warning',
            field: 'image',
            message: `image '${entry.image}' has no tag: every run may be of another version`,
            hint: `name one, as in ${entry.image}:v1.2.3`,
          },
        ]
      : [],
};
