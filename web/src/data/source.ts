import type { DocumentAt } from '../../../src/server/api.ts';

/** Why a document could not be loaded: `missing` if the site works but has no such document. */
export class DocumentError extends Error {
  readonly kind: 'missing' | 'unreachable' | 'damaged';

  constructor(kind: DocumentError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The documents inside a report, read once; undefined if documents are files. */
const embedded = readEmbedded();
const loading = new Map<string, Promise<unknown>>();
/** The documents that are already loaded. */
const here = new Map<string, unknown>();

/** Whether the documents are inside this page, so that nothing is fetched. */
export const isReport = embedded !== undefined;

/** A document by its path (`src/server/api.ts`); fetched once, and again only if it failed. */
export async function loadDocument<Path extends string>(path: Path): Promise<DocumentAt<Path>> {
  const known = loading.get(path);
  if (known !== undefined) return (await known) as DocumentAt<Path>;
  const asked = embedded === undefined ? fetchDocument(path) : fromReport(embedded, path);
  loading.set(path, asked);
  asked.then(
    (document) => here.set(path, document),
    () => loading.delete(path),
  );
  return (await asked) as DocumentAt<Path>;
}

/** A document that is already loaded, else undefined. */
export function documentNow<Path extends string>(path: Path): DocumentAt<Path> | undefined {
  return here.get(path) as DocumentAt<Path> | undefined;
}

async function fetchDocument(path: string): Promise<unknown> {
  const url = `data/${path.split('/').map(encodeURIComponent).join('/')}.json`;
  const response = await fetch(url).catch((error: unknown) => {
    throw new DocumentError('unreachable', `${url} could not be fetched: ${String(error)}`);
  });
  if (response.status === 404) throw new DocumentError('missing', `${url} does not exist`);
  if (!response.ok) throw new DocumentError('unreachable', `${url}: the server answered ${response.status}`);
  try {
    return await response.json();
  } catch {
    throw new DocumentError('damaged', `${url} is not JSON: the file was cut, or is a page of the host's`);
  }
}

async function fromReport(documents: Readonly<Record<string, unknown>>, path: string): Promise<unknown> {
  const document = documents[path];
  if (document === undefined) throw new DocumentError('missing', `this report has no ${path}`);
  return document;
}

function readEmbedded(): Readonly<Record<string, unknown>> | undefined {
  const text = document.getElementById('documents')?.textContent;
  return text ? JSON.parse(text) : undefined;
}
