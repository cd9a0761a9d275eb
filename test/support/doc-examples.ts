/** An example on a documentation page. */
export interface Example {
  readonly kind: 'run' | 'file';
  readonly text: string;
  /** The file to write, or the expected exit code. */
  readonly argument: string;
}

/** The examples of a page, in order: ```sh is run, ``` with file=PATH is written, anything else is only shown. */
export function examplesOf(markdown: string): Example[] {
  return [...markdown.matchAll(/^```(\w*)(?: (\w+)=(\S+))?\n([\s\S]*?)^```$/gm)].flatMap(
    ([, language, name, value, text]): Example[] => {
      if (text === undefined) return [];
      if (name === 'file' && value !== undefined) return [{ kind: 'file', text, argument: value }];
      return language === 'sh' ? [{ kind: 'run', text, argument: value ?? '0' }] : [];
    },
  );
}
