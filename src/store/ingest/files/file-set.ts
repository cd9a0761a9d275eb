/** A file of what is ingested. */
export interface SourceFile {
  /** Below what is ingested, with `/` between its parts. */
  readonly path: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  /** What it holds; throws an error that says why it cannot be read. */
  readonly read: () => Promise<Buffer>;
}

/** The files of a folder or an archive, in the order of their paths, and what cannot be one of them, with the reason. */
export interface FileSet {
  readonly files: readonly SourceFile[];
  readonly refused: readonly { readonly file: string; readonly reason: string }[];
  readonly close: () => Promise<void>;
}

/** A JSON file that is longer is not one of ours. */
export const longestFile = 256 * 1024 * 1024;
