/** Text that is HTML already. */
export interface Html {
  readonly html: string;
}

const escaped = (text: string): string => text.replace(/[&<>"'`]/g, (letter) => `&#${letter.charCodeAt(0)};`);

type Part = string | number | Html | readonly Part[] | null | undefined | false;

const partOf = (part: Part): string => {
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  return 'html' in part ? part.html : part.map(partOf).join('');
};

/** Puts parts into HTML; all that is not HTML itself is escaped, so that names and values of runs are text and nothing else. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.map((text, i) => text + (i < parts.length ? partOf(parts[i]) : '')).join('') };
}

/** Text of our own that needs no escaping, e.g. a style sheet. */
export const trusted = (text: string): Html => ({ html: text });
