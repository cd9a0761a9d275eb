import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomically } from '../atomic-file.ts';
import { InputError } from '../errors.ts';

const tokenSchema = z.strictObject({
  name: z.string(),
  /** SHA-256 of the token. The token is 32 random bytes, so no slow hash is needed. */
  sha256: z.hash('sha256'),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
});

export type TokenRecord = z.infer<typeof tokenSchema>;

const fileSchema = z.strictObject({ tokens: z.array(tokenSchema) });

/** The tokens that allow writing, in a file that contains only their hashes. */
export class TokenFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  async list(): Promise<readonly TokenRecord[]> {
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (text === undefined) return [];
    const parsed = fileSchema.safeParse(parsedJson(text));
    if (parsed.success) return parsed.data.tokens;
    throw new InputError([
      { file: this.#path, message: 'is not a list of tokens', hint: 'remove it and create the tokens again' },
    ]);
  }

  /** Creates a token and returns it; it is not stored anywhere. Throws InputError if the name is taken. */
  async create(
    name: string,
    lifetime: { readonly now: Date; readonly days?: number | undefined },
  ): Promise<string> {
    const tokens = await this.list();
    if (tokens.some((token) => token.name === name))
      throw new InputError(`there is already a token '${name}'`, 'revoke it first, or choose another name');
    const secret = `imx_${randomBytes(32).toString('base64url')}`;
    const { now, days } = lifetime;
    const record: TokenRecord = {
      name,
      sha256: hashOf(secret).toString('hex'),
      createdAt: now.toISOString(),
      expiresAt: days === undefined ? null : new Date(now.getTime() + days * 86_400_000).toISOString(),
    };
    await this.#write([...tokens, record]);
    return secret;
  }

  /** Throws InputError if the token does not exist. */
  async revoke(name: string): Promise<void> {
    const tokens = await this.list();
    const left = tokens.filter((token) => token.name !== name);
    if (left.length === tokens.length)
      throw new InputError(`there is no token '${name}'`, '`inferencemax serve token list` lists them');
    await this.#write(left);
  }

  /**
   * The name of the token with this secret if it has not expired, else undefined; compared with every hash in
   * constant time.
   */
  async nameOf(secret: string, now: Date): Promise<string | undefined> {
    const hash = hashOf(secret);
    let found: string | undefined;
    for (const { name, sha256, expiresAt } of await this.list()) {
      const same = timingSafeEqual(Buffer.from(sha256, 'hex'), hash);
      if (same && (expiresAt === null || Date.parse(expiresAt) > now.getTime())) found = name;
    }
    return found;
  }

  async #write(tokens: readonly TokenRecord[]): Promise<void> {
    await writeFileAtomically(this.#path, `${JSON.stringify({ tokens }, null, 2)}\n`);
  }
}

function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
