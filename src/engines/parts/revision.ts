/**
 * Converts a model to engine arguments: a path as it is, `ORG/NAME@REVISION` to the name and the flag that pins the
 * revision.
 */
export function revised(modelPath: string): string[] {
  const [, name, revision] = /^([\w.-]+\/[\w.-]+)@([\w.-]+)$/.exec(modelPath) ?? [];
  return name === undefined || revision === undefined ? [modelPath] : [name, '--revision', revision];
}
