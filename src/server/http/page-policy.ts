import { createHash } from 'node:crypto';

/** What a page may load and run, by the directives of a Content-Security-Policy. */
type Policy = Readonly<Record<string, readonly string[]>>;

const nothingElse: Policy = { objectSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] };
// Charts set styles of single elements.
const styles = "'unsafe-inline'";

/** Of the dashboard, served or published: what is its own, and no script in the page or in an address. */
export const sitePolicy = {
  defaultSrc: ["'self'"],
  styleSrc: ["'self'", styles],
  imgSrc: ["'self'", 'data:', 'blob:'],
  ...nothingElse,
  frameAncestors: ["'none'"],
};

/** Of a page of text. */
export const textPolicy: Policy = {
  defaultSrc: ["'none'"],
  styleSrc: [styles],
  imgSrc: ["'self'", 'data:'],
  ...nothingElse,
};

/** Of a page that is one file with one script in it: nothing is loaded, and no other script is run. */
export function singleFilePolicy(script: string): Policy {
  const hash = createHash('sha256').update(script).digest('base64');
  return {
    defaultSrc: ["'none'"],
    scriptSrc: [`'sha256-${hash}'`],
    styleSrc: [styles],
    imgSrc: ['data:', 'blob:'],
    ...nothingElse,
  };
}

/** A page with its policy in it, for hosts of files that send none. */
export function withPolicy(page: string, policy: Policy): string {
  return page.replace('<head>', (head) => `${head}${policyElement(policy)}`);
}

/** Frames are a matter of headers only. */
function policyElement(policy: Policy): string {
  const directives = Object.entries(policy)
    .filter(([name]) => name !== 'frameAncestors')
    .map(
      ([name, sources]) =>
        `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${sources.join(' ')}`,
    );
  return `<meta http-equiv="Content-Security-Policy" content="${directives.join('; ')}">`;
}
