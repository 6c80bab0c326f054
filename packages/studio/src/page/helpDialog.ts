import { createDialog, type Dialog } from './dialog.js';
import { element, field, select } from './element.js';
import type { Theme, ThemeChoice } from './theme.js';
import type { Words } from './words.js';

const table = (title: string, keys: Readonly<Record<string, string>>): HTMLElement =>
  element('section', {}, element('h3', {}, title), element('dl', { class: 'keys' }, ...Object.entries(keys).flatMap(([pressed, does]) => [
    element('dt', {}, ...pressed.split(', ').flatMap((key, i) => [...(i ? [' '] : []), element('kbd', { dir: 'ltr' }, key)])), element('dd', {}, does),
  ])));

/** What the page is for, its language and colours, and its shortcuts. */
export function createHelpDialog(words: Words, { themes, get, choose }: ThemeChoice): Dialog {
  const { text } = words;
  const { imageKeys, pageKeys, language } = words.messages();
  const languages = select(Object.fromEntries(words.languages.map((one) => [one.language, one.name])), language, { name: 'language' });
  languages.addEventListener('change', () => words.choose(languages.value));
  const colours = select(Object.fromEntries(themes.map((theme) => [theme, text(theme)])), get(), { name: 'theme' });
  colours.addEventListener('change', () => choose(colours.value as Theme));
  const dialog = createDialog({ name: 'help', title: text('help'), words, wide: true },
    element('p', {}, text('helpText')), element('p', {}, text('helpPrivate')),
    element('div', { class: 'fields' }, field(text('language'), languages), field(text('theme'), colours)),
    element('div', { class: 'columns' }, table(text('onImage'), imageKeys), table(text('everywhere'), pageKeys)),
    element('p', { class: 'note' }, text('helpNote')));
  return { ...dialog, open: () => ((colours.value = get()), dialog.open()) };
}
