/** Longer texts, and more of them, are not remembered: they come from outside. */
const longest = 64;
const most = 2048;

/**
 * The same function, which answers a short text that it has seen at once: events have the same few names and reasons
 * again and again.
 */
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
