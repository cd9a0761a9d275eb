/** Where the pull requests of the public system are. */
export const publicRepository = 'SemiAnalysisAI/InferenceX';

/** What entries link to: pull requests at one address. */
export interface PullLinks {
  /** The address of a pull request but for its number. */
  readonly address: string;
  of(number: number): string;
  /** Whether a link leads to a pull request. */
  isCanonical(link: string): boolean;
  /** Whether it stands for the number of a pull request that is not known yet. */
  isPlaceholder(link: string): boolean;
}

const placeholder = 'XXX';

/** Whether a link of any repository stands for a number that is not known yet. */
export function isOpenLink(link: string): boolean {
  return link === placeholder || link.endsWith(`/${placeholder}`);
}

export function pullLinks(address = `https://github.com/${publicRepository}/pull/`): PullLinks {
  const isNumber = (text: string) => /^[1-9]\d*$/.test(text);
  return {
    address,
    of: (number) => `${address}${number}`,
    isCanonical: (link) => link.startsWith(address) && isNumber(link.slice(address.length)),
    isPlaceholder: (link) => link === placeholder || link === `${address}${placeholder}`,
  };
}
