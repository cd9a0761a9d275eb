/** The mounts of a container: the session's folder as working folder, the weight cache, and the pool's `mounts`. */
export function containerMounts(
  settings: { readonly 'hf-hub-cache'?: string | undefined; readonly mounts: readonly string[] },
  folder: string,
): string[] {
  const cache = settings['hf-hub-cache'];
  return [
    `${folder}:${containerWorkDir}`,
    ...(cache === undefined ? [] : [`${cache}:${cache}`]),
    ...settings.mounts,
  ];
}

/** Where containers see the session's folder. */
export const containerWorkDir = '/workspace';

/**
 * Whether a container sees a path, that is, whether the path is below the target of a mount.
 * @param args More arguments of the command that runs the container; they may contain mounts.
 */
export function isMounted(path: string, mounts: readonly string[], args: readonly string[]): boolean {
  const targets = [...mounts, ...args.flatMap((arg) => arg.split(/[,=]/))].flatMap((mount) => {
    const [, target] = mount.split(':');
    return target?.startsWith('/') === true ? [target.replace(/\/$/, '')] : [];
  });
  return targets.some((target) => path === target || path.startsWith(`${target}/`));
}
