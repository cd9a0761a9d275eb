export const hidden = '(not shown)';

const secretName =
  /((^|[^a-z0-9])token|(hf|hub|github|api|auth|access|bearer)token|api[-_]?key|(access|private|secret)[-_]key|secrets?|passwords?|passwd|passphrase|credentials?|authorization|cookies?)([-_]?\d+)?$/i;
/** Tokens of a text, not of an account. */
const tokenOfText =
  /(^|[^a-z])(bos|eos|pad|unk|sep|cls|mask|stop|image|special|draft|per|output|input|prompt|first|next)[-_]token$/i;

/** Whether what has such a name, in any spelling (`hfToken`, `HF_TOKEN`, `--hf-token`), is nobody's business. */
export function isSecret(name: string): boolean {
  const words = name.replace(/([a-z0-9])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$&_');
  return (secretName.test(name) || secretName.test(words)) && !tokenOfText.test(words);
}

/** Texts that are secrets by their own form: credentials of a URL or a header, and the keys of well-known services. */
const shapes = [
  /(?<=:\/\/)[^\s/?#"'<>]+(?=@)/g,
  /(?<=\bbearer[ \t]+)(?!(?:tokens?|auth\w*|scheme)\b)[\w.~+/=-]+/gi,
  /(?<=\b[Bb]asic[ \t]+)(?=[\w+/=-]*[A-Z0-9=])[\w+/=-]{4,}/g,
  /(?<![A-Za-z0-9])hf_(?=[A-Za-z]*\d|[a-z]*[A-Z])[A-Za-z0-9]{5,}/g,
  /(?<![A-Za-z0-9])(?:gh[pousr]_\w{5,}|github_pat_\w{5,}|glpat-[\w-]{5,}|xox[a-z]-[\w-]{5,}|sk-[\w-]{16,}|AKIA[0-9A-Z]{12,})/g,
];

const names = /(?<![\w-])-{0,2}[A-Za-z_][\w-]*/g;
const between = String.raw`(\\?["']?[ \t]*(?::=|=>|[=:])[ \t]*)`;
const quoted = String.raw`\\"(?:(?!\\").)*\\"|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`;
const afterName = new RegExp(`${between}(${quoted}|\\S+)`, 'y');
const afterOption = new RegExp(`(\\\\?["']?[ \\t]*(?:=|:)[ \\t]*|[ \\t]+)(${quoted}|(?!-)\\S+)`, 'y');
/** A header's value is all of its line. */
const afterHeader = new RegExp(`${between}(${quoted}|[^\\r\\n"']+)`, 'y');
const isNoValue = /^(?:none|null|undefined|true|false|\*+)$/i;

/** A text without the values of what is secret by its name, and without what is secret by its form. */
export function withoutSecrets(text: string): string {
  let safe = '';
  let from = 0;
  for (const { 0: name, index } of text.matchAll(names)) {
    if (index < from || !isSecret(name)) continue;
    const pattern = /(?:authorization|cookies?)$/i.test(name) ? afterHeader : patternAfter(name);
    pattern.lastIndex = index + name.length;
    const [all, separator = '', written = ''] = pattern.exec(text) ?? [];
    if (all === undefined) continue;
    const start = index + name.length + separator.length;
    const end = /["')\]},;]+$/.exec(written)?.[0] ?? '';
    const value = written.slice(0, written.length - end.length);
    const ordinary =
      isNoValue.test(value) || (/token$/i.test(name) && /^\d{1,6}(?:\.\d+)?[a-z]{0,2}$/.test(value));
    const quote = /^\\?["']/.exec(written)?.[0] ?? '';
    if (value === '' || ordinary || text.startsWith(hidden, start + quote.length)) continue;
    safe += `${text.slice(from, start)}${quote}${hidden}${end}`;
    from = start + written.length;
  }
  safe += text.slice(from);
  return shapes.reduce((so, shape) => so.replace(shape, hidden), safe);
}

function patternAfter(name: string): RegExp {
  return name.startsWith('-') ? afterOption : afterName;
}
