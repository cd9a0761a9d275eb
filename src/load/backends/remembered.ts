/** Limits on what is cached, because the texts come from outside. */
const longest = 64;
const most = 2048;

/** Caches a function's results for short texts, because events repeat the same few names and reasons. */
export function remembered<T>(answer: (text: string) => T): (text: string) => T {
  const answers = new Map<string, T>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const found = answer(text);
    if (answers.size < most && text.length <= longest) answers.set(text, found);
    return found;
  };
}
