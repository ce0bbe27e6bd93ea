// The part of ICU MessageFormat that we use: {name} and {count, plural, one {# stream} other {# streams}}.

export type MessageValues = Record<string, string | number>;

/** Fills a message; numbers are written as the locale does it. */
export function formatMessage(message: string, values: MessageValues, locale: string): string {
  let result = '';
  let position = 0;
  while (position < message.length) {
    const open = message.indexOf('{', position);
    if (open < 0) return result + message.slice(position);
    const close = closingBrace(message, open);
    result +=
      message.slice(position, open) + formatPart(message.slice(open + 1, close), values, locale);
    position = close + 1;
  }
  return result;
}

function closingBrace(message: string, open: number): number {
  let depth = 0;
  for (let index = open; index < message.length; index += 1) {
    if (message[index] === '{') depth += 1;
    if (message[index] === '}') depth -= 1;
    if (depth === 0) return index;
  }
  throw new Error(`The message has an open brace: ${message}`);
}

function formatPart(part: string, values: MessageValues, locale: string): string {
  const [name = '', kind, ...rest] = part.split(',');
  const value = values[name.trim()] ?? '';
  if (kind === undefined) return typeof value === 'number' ? writeNumber(value, locale) : value;
  const count = Number(value);
  const branches = branchesOf(rest.join(','));
  const branch =
    branches[`=${count}`] ??
    branches[new Intl.PluralRules(locale).select(count)] ??
    branches.other ??
    '';
  return formatMessage(branch.replaceAll('#', writeNumber(count, locale)), values, locale);
}

function branchesOf(text: string): Record<string, string> {
  const branches: Record<string, string> = {};
  let position = 0;
  while (position < text.length) {
    const open = text.indexOf('{', position);
    if (open < 0) break;
    const close = closingBrace(text, open);
    branches[text.slice(position, open).trim()] = text.slice(open + 1, close);
    position = close + 1;
  }
  return branches;
}

function writeNumber(value: number, locale: string): string {
  return new Intl.NumberFormat(locale).format(value);
}
