import { element } from './element.js';
import type { FaceContext, FacePart } from './part.js';
import { disclosure } from './section.js';

/** What the keys do. */
export function createKeyTable({ messages, text }: FaceContext): FacePart {
  const rows = Object.entries(messages.keys).flatMap(([keys, does]) => [element('dt', {}, element('kbd', { dir: 'ltr' }, keys)), element('dd', {}, does)]);
  return { element: disclosure('keyboard', text('keyboard'), element('dl', { class: 'keys' }, ...rows)), update: () => {} };
}
