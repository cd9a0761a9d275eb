/** A byte-level BPE `tokenizer.json` with every byte, and merges for the given words after a space. */
export function byteLevelTokenizer(words: readonly string[], options: { readonly beginOfText: boolean }): object {
  const bytes = ['Ġ', ...'abcdefghijklmnopqrstuvwxyz'];
  const tokens = new Set(bytes);
  const merges: string[] = [];
  for (const word of words) {
    let piece = 'Ġ';
    for (const letter of word) {
      const merge = `${piece} ${letter}`;
      if (!merges.includes(merge)) merges.push(merge);
      piece += letter;
      tokens.add(piece);
    }
  }
  const vocab = Object.fromEntries([...tokens].map((token, id) => [token, id]));
  const begin = { id: tokens.size, content: '<s>' };
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    added_tokens: options.beginOfText
      ? [{ ...begin, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }]
      : [],
    normalizer: null,
    pre_tokenizer: byteLevel,
    decoder: byteLevel,
    post_processor: options.beginOfText
      ? {
          type: 'TemplateProcessing',
          single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
          pair: [],
          special_tokens: { '<s>': { id: '<s>', ids: [begin.id], tokens: ['<s>'] } },
        }
      : null,
    model: { type: 'BPE', vocab: options.beginOfText ? { ...vocab, '<s>': begin.id } : vocab, merges, unk_token: null },
  };
}
