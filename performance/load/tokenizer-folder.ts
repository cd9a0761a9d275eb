import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Its name in the hub's cache. */
export const tokenizerName = 'local/bench';
const revision = '0'.repeat(40);

/**
 * Creates a tokenizer for clients that need one from a model hub before they send anything: byte-level BPE with all
 * bytes, and common words as single tokens. It is written like the hub's client would cache it (`HF_HOME`), so that
 * clients find it by name without a network. Returns the tokenizer's folder.
 */
export async function cacheTokenizer(hfHome: string): Promise<string> {
  const repository = join(hfHome, 'hub', `models--${tokenizerName.replace('/', '--')}`);
  const folder = join(repository, 'snapshots', revision);
  await mkdir(join(repository, 'refs'), { recursive: true });
  await writeFile(join(repository, 'refs', 'main'), revision);
  await writeTokenizer(folder);
  return folder;
}

async function writeTokenizer(folder: string): Promise<void> {
  const tokens = [...byteCharacters(), ...mergedTokens.keys()];
  const end = { id: tokens.length, content: '<|end|>' };
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      { ...end, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
    ],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab: { ...Object.fromEntries(tokens.map((token, id) => [token, id])), [end.content]: end.id },
      merges: [...mergedTokens.values()],
    },
  };
  const files = {
    'tokenizer.json': tokenizer,
    'tokenizer_config.json': {
      tokenizer_class: 'PreTrainedTokenizerFast',
      model_max_length: 1_000_000,
      eos_token: end.content,
      bos_token: end.content,
    },
    'config.json': {
      model_type: 'gpt2',
      vocab_size: tokens.length + 1,
      bos_token_id: end.id,
      eos_token_id: end.id,
    },
  };
  await mkdir(folder, { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), JSON.stringify(content));
  }
}

/** The characters that byte-level BPE uses for the 256 bytes: printable ones unchanged, the rest from U+0100 on. */
function byteCharacters(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCharCode(printable ? byte : next++);
  });
}

const words =
  'the and that have with this from they will would there their what about which when make like time just';

/** Tokens of more than one byte, each with the merge that creates it. */
const mergedTokens = new Map<string, string>();
for (const word of words.split(' ')) {
  let piece = 'Ġ';
  for (const letter of word) {
    mergedTokens.set(piece + letter, `${piece} ${letter}`);
    piece += letter;
  }
}
