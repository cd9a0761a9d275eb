export const hidden = '(not shown)';

const secretName =
  /((^|[^a-z0-9])token|(hf|hub|github|api|auth|access|bearer)token|api[-_]?key|(access|private|secret|signing|encryption)[-_]key|secrets?|passwords?|passwd|passphrase|passcode|credentials?|authorization|cookies?|webhook([-_]url)?|[a-z0-9][-_](pwd|pat)|(^|[-_])auth|signature|jwt)([-_]?\d+)?$/i;
/**
 * Variables with these endings are secrets; the same words in a sentence, or as the name of a figure, are
 * not.
 */
const secretVariable = /^[A-Z0-9_]+_(?:PASS|KEY|SAS|DSN)$/;
/** Names of text tokens such as `eos_token`, which are not secrets. */
const tokenOfText =
  /(^|[^a-z])(bos|eos|pad|unk|sep|cls|mask|stop|image|special|draft|per|output|input|prompt|first|next)[-_]token$/i;

/** Whether a name, in any spelling (`hfToken`, `HF_TOKEN`, `--hf-token`), is that of a secret. */
export function isSecret(name: string): boolean {
  const words = name.replace(/([a-z0-9])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$&_');
  if (tokenOfText.test(words)) return false;
  return secretName.test(name) || secretName.test(words) || secretVariable.test(name);
}

/**
 * Texts that are secrets by their form: credentials in a URL, a header or a command, signatures of addresses,
 * and keys of well-known services. The first group is what precedes the secret. No expression looks back over
 * more than a few characters, or ahead over text that another one scans, so that the time is proportional to
 * the length of the text.
 */
const shapes = [
  /((?<=:\/\/))[^\s/?#"'<>]+(?=@)/g,
  /(\bbearer[ \t]+)(?!(?:tokens?|auth\w*|scheme)\b)[\w.~+/=-]+/gi,
  /(\b[Bb]asic[ \t]+)(?=[\w+/=-]*[A-Z0-9=])[\w+/=-]{4,}/g,
  /((?<![A-Za-z0-9]))hf_(?=[A-Za-z]*\d|[a-z]*[A-Z])[A-Za-z0-9]{5,}/g,
  /((?<![A-Za-z0-9]))(?:gh[pousr]_\w{5,}|github_pat_\w{5,}|glpat-[\w-]{5,}|xox[a-z]-[\w-]{5,}|sk-[\w-]{16,}|AKIA[0-9A-Z]{12,})/g,
  /((?<![\w-]))eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?/g,
  /(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)(?:(?!-----END)[\s\S])*/g,
  /([?&#;](?:key|sig|code|(?:x-(?:amz|goog)-)?(?:signature|credential|security-token)|awsaccesskeyid|googleaccessid)=)[^&\s"'`<>]+/gi,
  /(\bhooks\.[\w.-]{1,60}\/)[^\s"'`<>]+/g,
  /(\bsshpass[ \t]+-p[ \t]?)\S+/g,
  /(\b(?:curl|wget)\b[^\r\n|;]{0,200}?[ \t](?:-u|--user|--proxy-user)[ \t=]?)[^\s-]\S*/g,
  /(\b(?:docker|podman|skopeo|helm|mysql|mariadb)\b[^\r\n|;]{0,200}?[ \t]-p[ \t]?)(?!\d+:\d)[^\s-]\S*/g,
  /(\bmachine[ \t]+\S{1,200}[^\r\n]{0,100}?\bpassword[ \t]+)\S+/g,
];

const names = /(?<![\w-])-{0,2}[A-Za-z_][\w-]*/g;
const quoted = String.raw`\\"(?:(?!\\").)*\\"|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'`;
/** A list or a tuple is hidden as a whole, up to the end of its line if it is not closed. */
const listed = String.raw`\[[^\]\r\n]*\]?|\((?!not shown\))[^)\r\n]*\)?`;
const sign = String.raw`\\?["']?[ \t]*(?::=|=>|->|[=:])[ \t]*`;
/**
 * The separators of a name and its value: a sign, the next line of YAML, the end of a tag, or the comma of a
 * printed list.
 */
const between = [
  String.raw`\\?["']?:[ \t]*\r?\n[ \t]+(?=[^\s:]+[ \t]*(?:[\r\n]|$))`,
  String.raw`${sign}(?:![\w!]+[ \t]+)?`,
  String.raw`>(?=[^<>\s]+<\/)`,
  String.raw`\\?["'][ \t]*,\s{0,20}(?=\\?["'])`,
  String.raw`[ \t]+(?=\\?["'])`,
].join('|');
/** Words that follow a name in a sentence about it. */
const said = String.raw`(?:a|an|and|are|as|at|authentication|but|by|cannot|can't|could|does|doesn't|empty|expired|failed|found|for|from|had|has|have|if|in|invalid|is|malformed|may|missing|must|no|not|of|on|or|rejected|required|revoked|set|should|that|the|to|unset|valid|was|wasn't|were|when|which|will|with|without|wrong)\b`;
const afterName = new RegExp(
  String.raw`(${between}|[ \t]+is[ \t]+(?!${said}))(${quoted}|${listed}|[^\s<]+)`,
  'y',
);
const afterVariable = new RegExp(
  String.raw`(${between}|[ \t]+(?:is[ \t]+)?(?!${said})(?=[\w+/=.-]))(${quoted}|${listed}|[^\s<]+)`,
  'y',
);
const afterOption = new RegExp(
  String.raw`(\\?["']?[ \t]*(?:=|:)[ \t]*|\\?["'][ \t]*,\s{0,20}(?=\\?["'])|[ \t]+)(${quoted}|${listed}|(?!-)\S+)`,
  'y',
);
/** The value of a header extends to the end of its line. */
const afterHeader = new RegExp(
  String.raw`(${sign}|\\?["'][ \t]*,\s{0,20}(?=\\?["']))(${quoted}|[^\r\n"']+)`,
  'y',
);
const isNoValue = /^(?:none|null|undefined|true|false|\*+)$/i;

/** Removes from a text the values of names that are secret, and texts that are secret by their form. */
export function withoutSecrets(text: string): string {
  let safe = '';
  let from = 0;
  for (const { 0: name, index } of text.matchAll(names)) {
    if (index < from || !isSecret(name)) continue;
    const pattern = patternAfter(name);
    pattern.lastIndex = index + name.length;
    const [all, separator = '', written = ''] = pattern.exec(text) ?? [];
    if (all === undefined) continue;
    const start = index + name.length + separator.length;
    const { value, end } = withoutEnd(written);
    const ordinary =
      isNoValue.test(value) || (/token$/i.test(name) && /^\d{1,6}(?:\.\d+)?[a-z]{0,2}$/.test(value));
    const quote = /^\\?["']/.exec(written)?.[0] ?? '';
    if (value === '' || ordinary || text.startsWith(hidden, start + quote.length)) continue;
    safe += `${text.slice(from, start)}${quote}${hidden}${end}`;
    from = start + written.length;
  }
  safe += text.slice(from);
  return shapes.reduce(
    (so, shape) =>
      so.replace(shape, (all: string, before: string, at: number) =>
        so.startsWith(hidden, at + before.length) ? all : `${before}${hidden}`,
      ),
    safe,
  );
}

/** Splits off a closing bracket or quote that belongs to the surroundings of a value. */
function withoutEnd(written: string): { readonly value: string; readonly end: string } {
  let length = written.length;
  while (length > 0 && `"')]},;`.includes(written.charAt(length - 1))) length--;
  return { value: written.slice(0, length), end: written.slice(length) };
}

function patternAfter(name: string): RegExp {
  if (/(?:authorization|cookies?)$/i.test(name)) return afterHeader;
  if (name.startsWith('-')) return afterOption;
  return /^[A-Z][A-Z0-9_]*_[A-Z0-9_]*$/.test(name) ? afterVariable : afterName;
}
