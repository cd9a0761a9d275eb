import { dirname } from 'node:path';
import { z } from 'zod';
import { InputError, messageOf, WorkError } from '../errors.ts';
import { isPostgresUrl, withoutPassword } from './postgres.ts';

const codes = z.object({
  code: z.string().optional().catch(undefined),
  errcode: z.int().optional().catch(undefined),
});

/** Database problems that only its owner can fix, by SQLite's primary codes and by codes of other layers. */
const troubles: readonly {
  readonly sqlite: readonly number[];
  readonly others: RegExp;
  readonly hint: (location: string) => string;
}[] = [
  {
    // Full disk, and I/O errors, because a full disk may be reported as one.
    sqlite: [13, 10],
    others: /^(ENOSPC|EDQUOT|EIO|EFBIG|53\w+)$/,
    hint: (location) =>
      `free some space on ${diskOf(location)}, then run the command again; nothing is half written`,
  },
  {
    sqlite: [3, 8, 14, 23],
    others: /^(EACCES|EPERM|EROFS|42501|25006)$/,
    hint: (location) =>
      isPostgresUrl(location)
        ? 'grant its user the permission'
        : 'check that this user may read the file, and write it and its folder',
  },
  {
    sqlite: [11, 26],
    others: /^XX00[12]$/,
    hint: () =>
      'the file is damaged: restore a backup, or move it away and ingest the run folders again, which contain everything',
  },
  {
    sqlite: [5, 6],
    others: /^(55P03|40\w+)$/,
    hint: () => 'another process is writing to it: run the command again when it is finished',
  },
  {
    sqlite: [7],
    others:
      /^(E(CONN\w+|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH)|08\w+|57\w+|58\w+|28\w+|3D000)$/,
    hint: () => 'check that the server runs and can be reached, then run the command again',
  },
];

/**
 * Converts a database error into one with a message and a hint for the user; other errors are returned
 * unchanged.
 */
export function storeTrouble(error: unknown, location: string, doing: string): unknown {
  if (error instanceof WorkError || error instanceof InputError) return error;
  const { code = '', errcode } = codes.safeParse(error).data ?? {};
  const isOf = ({ sqlite, others }: (typeof troubles)[number]) =>
    errcode === undefined ? others.test(code) : sqlite.includes(errcode & 0xff);
  const trouble = troubles.find(isOf);
  if (trouble === undefined) return error;
  return new WorkError(`cannot ${doing} ${withoutPassword(location)}: ${messageOf(error)}`, {
    code: 'store-failed',
    cause: error,
    hint: trouble.hint(location),
  });
}

function diskOf(location: string): string {
  return isPostgresUrl(location) ? 'the server' : `the disk that holds ${dirname(location)}`;
}
