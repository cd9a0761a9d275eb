import { createHash } from 'node:crypto';

/** What a page may load and run, as directives of a Content-Security-Policy. */
type Policy = Readonly<Record<string, readonly string[]>>;

const nothingElse: Policy = { objectSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] };
// Charts set the styles of single elements.
const styles = "'unsafe-inline'";

/** For the dashboard, served or published: only its own files, and no inline scripts. */
export const sitePolicy = {
  defaultSrc: ["'self'"],
  styleSrc: ["'self'", styles],
  imgSrc: ["'self'", 'data:', 'blob:'],
  ...nothingElse,
  frameAncestors: ["'none'"],
};

/** The policy of a text page, such as the documentation. */
export const textPolicy: Policy = {
  defaultSrc: ["'none'"],
  styleSrc: [styles],
  imgSrc: ["'self'", 'data:'],
  ...nothingElse,
};

/** For a single-file page with one script: nothing is loaded, and no other script runs. */
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

/** Adds the policy to the page itself, for file hosts that send no headers. */
export function withPolicy(page: string, policy: Policy): string {
  return page.replace('<head>', (head) => `${head}${policyElement(policy)}`);
}

/** `frame-ancestors` only works in headers. */
function policyElement(policy: Policy): string {
  const directives = Object.entries(policy)
    .filter(([name]) => name !== 'frameAncestors')
    .map(
      ([name, sources]) =>
        `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${sources.join(' ')}`,
    );
  return `<meta http-equiv="Content-Security-Policy" content="${directives.join('; ')}">`;
}
