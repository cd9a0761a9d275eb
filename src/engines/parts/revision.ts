/**
 * A model as engines of the hub take it: a path as it is, and `ORG/NAME@REVISION` as a name and the flag that pins it.
 */
export function revised(modelPath: string): string[] {
  const [, name, revision] = /^([\w.-]+\/[\w.-]+)@([\w.-]+)$/.exec(modelPath) ?? [];
  return name === undefined || revision === undefined ? [modelPath] : [name, '--revision', revision];
}
