import { vendorNamed } from '../../accelerators/index.ts';
import type { Finding } from '../../finding.ts';
import { type Host, HostFailure } from '../../hosts/index.ts';
import { dockerImage } from '../container-image.ts';
import type { DockerSettings } from './settings.ts';

const registryMs = 20_000;

/** Errors of a registry, or of docker, that persist until someone acts. */
const refusals: readonly { readonly says: RegExp; readonly means: string; readonly todo: string }[] = [
  {
    says: /unauthorized|denied|authentication required|no basic auth|forbidden|\b40[13]\b/i,
    means: 'its registry requires a login, or the repository does not exist',
    todo: 'run docker login on the node with an account that may read it, or correct image in the config',
  },
  {
    says: /no such manifest|manifest unknown|not found|\b404\b/i,
    means: 'its registry has no such image',
    todo: 'correct the tag of image in the config',
  },
];

/** Whether a node has an image or can pull it, and whether its driver can run an image that it has. */
export async function examineImage(image: string, settings: DockerSettings, host: Host): Promise<Finding> {
  const name = dockerImage(image);
  const unknown = (why: string): Finding => ({
    check: 'image',
    state: 'warning',
    message: `${name}: unknown whether it can be pulled: ${why}`,
    todo: `docker pull ${name} on the node shows more`,
  });
  try {
    const here = await host.run(['docker', 'image', 'inspect', '--format', '{{json .Config.Env}}', name]);
    if (here.code === 0) return await examineHere(name, here.stdout, settings, host);
    const { code, stdout, stderr } = await host.run(['docker', 'manifest', 'inspect', name], {
      timeoutMs: registryMs,
    });
    if (code === 0) return { check: 'image', state: 'ok', message: `${name} can be pulled` };
    const said = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').at(-1) ?? '';
    const refusal = refusals.find(({ says }) => says.test(said));
    if (refusal === undefined) return unknown(said);
    const { means, todo } = refusal;
    return {
      check: 'image',
      state: 'problem',
      message: `${name} cannot be pulled: ${means} (${said})`,
      todo,
    };
  } catch (error) {
    if (error instanceof HostFailure) return unknown(error.message);
    throw error;
  }
}

async function examineHere(
  name: string,
  envJson: string,
  settings: DockerSettings,
  host: Host,
): Promise<Finding> {
  const fault = await vendorNamed(settings.accelerator).imageFault?.(environmentIn(envJson), host);
  return fault === undefined
    ? { check: 'image', state: 'ok', message: `${name} is on the node` }
    : { check: 'image', state: 'problem', message: `${name}: ${fault.message}`, todo: fault.todo };
}

/** Docker prints a list of `NAME=value`, or null. */
function environmentIn(json: string): Record<string, string> {
  return Object.fromEntries(
    [...json.matchAll(/"((?:[^"\\]|\\.)*)"/g)].flatMap(([text]) => {
      const [, name, value] = /^(\w+)=([\s\S]*)$/.exec(String(JSON.parse(text))) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}
