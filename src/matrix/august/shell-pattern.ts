/**
 * Whether a key matches a shell pattern: `*` matches any text, `?` one character, `[…]` one character of a class,
 * `[!…]` one outside of it. A pattern without `*` and `?` must equal the key, even if it contains brackets.
 */
export function matchesShellPattern(key: string, pattern: string): boolean {
  if (!/[*?]/.test(pattern)) return key === pattern;
  return regularExpression(pattern).test(key);
}

function regularExpression(pattern: string): RegExp {
  const parts = pattern.matchAll(/\*+|\?|\[(!?)(\]?[^\]]*)\]|[\s\S]/gu);
  const written = [...parts].map(([part, not, members = '']) => {
    if (part.startsWith('*')) return '.*';
    if (part === '?') return '.';
    return part.length > 1 && part.startsWith('[') ? characterClass(not === '!', members) : escaped(part);
  });
  return new RegExp(`^${written.join('')}$`, 'su');
}

/** A reversed range has no members. */
function characterClass(not: boolean, members: string): string {
  const ranges = [...members.matchAll(/([\s\S])-([\s\S])|[\s\S]/gu)].flatMap(([one, from, to]) => {
    if (from === undefined || to === undefined) return [escapedMember(one)];
    return from > to ? [] : [`${escapedMember(from)}-${escapedMember(to)}`];
  });
  if (ranges.length === 0) return not ? '.' : '(?!)';
  return `[${not ? '^' : ''}${ranges.join('')}]`;
}

function escaped(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
}

function escapedMember(character: string): string {
  return character.replace(/[\\\]^[-]/, '\\$&');
}
