import { chineseMessages } from './chineseMessages.js';
import { englishMessages, type StudioMessages, type TextKey } from './messages.js';

const KEY = 'spatialgan-language';
const all: readonly StudioMessages[] = [englishMessages, chineseMessages];

/** The words of the page in the present language. */
export interface Words {
  messages(): StudioMessages;
  /** A message with its `{names}` filled in. */
  text(key: TextKey, values?: Readonly<Record<string, string | number>>): string;
  /** What is named in English elsewhere, translated where there is a translation. */
  phrase(english: string): string;
  readonly languages: readonly Pick<StudioMessages, 'language' | 'name'>[];
  /** Changes the language and remembers it. */
  choose(language: string): void;
  onChange(listener: () => void): void;
}

const inLanguage = (tag: string | null): StudioMessages | undefined => all.find(({ language }) => tag?.toLowerCase().split('-')[0] === language);

/** The language that was chosen here before, else the first of the browser's that there is. */
function firstMessages(): StudioMessages {
  return inLanguage(localStorage.getItem(KEY)) ?? navigator.languages.map(inLanguage).find((found) => found !== undefined) ?? englishMessages;
}

/** Where messages stand that the page itself says. */
const PLACES = { 'data-text': undefined, 'data-hint': 'title', 'data-name': 'aria-label' } as const;

/** Puts the present language on what the HTML file itself says: `data-text`, `data-hint` (title) and `data-name` (aria-label) hold message keys. */
function translatePage({ language, direction, text }: StudioMessages): void {
  Object.assign(document.documentElement, { lang: language, dir: direction });
  document.querySelector('meta[name=description]')!.setAttribute('content', text.description);
  for (const [data, attribute] of Object.entries(PLACES)) {
    for (const element of document.querySelectorAll(`[${data}]`)) {
      const word = text[element.getAttribute(data) as TextKey];
      if (attribute) element.setAttribute(attribute, word);
      else element.textContent = word;
    }
  }
}

export function createWords(): Words {
  const listeners: (() => void)[] = [];
  let present = firstMessages();
  translatePage(present);
  return {
    messages: () => present,
    text: (key, values = {}) => present.text[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)),
    phrase: (english) => present.phrases[english] ?? english,
    languages: all,
    choose(language) {
      const next = inLanguage(language);
      if (!next || next === present) return;
      present = next;
      localStorage.setItem(KEY, language);
      translatePage(next);
      for (const listener of listeners) listener();
    },
    onChange: (listener) => void listeners.push(listener),
  };
}
