import { createDialog, type Dialog } from './dialog.js';
import { element } from './element.js';

const SHORTCUTS: readonly (readonly [title: string, rows: readonly (readonly [keys: string, does: string])[]])[] = [
  ['On the image', [
    ['Drag', 'move a region; what belongs to it follows'], ['Alt + drag', 'move it alone'], ['Tab', 'go to the next region'], ['Arrows', 'move it; with Shift in strides, with Alt alone'],
    ['+  −', 'make it larger, smaller'], ['Pinch', 'the same, with two fingers'], ['Delete', 'remove it'], ['Esc', 'take a drag back'],
  ]],
  ['Everywhere', [
    ['Ctrl Z, Ctrl Y', 'undo, redo'], ['K', 'pin this moment as a keyframe'], ['E', 'export'], ['P', 'start from a photo'], ['Ctrl S', 'save the image'], ['Ctrl O', 'open a model'], ['?', 'this page'],
  ]],
];

/** What the page is for, and its shortcuts. */
export function createHelpDialog(): Dialog {
  const tables = SHORTCUTS.map(([title, rows]) =>
    element('section', {}, element('h3', {}, title), element('dl', { class: 'keys' }, ...rows.flatMap(([keys, does]) => [element('dt', {}, ...keys.split(', ').flatMap((key, i) => [...(i ? [' '] : []), element('kbd', {}, key)])), element('dd', {}, does)]))));
  return createDialog('Help', { name: 'help', wide: true },
    element('p', {}, 'The model has learned, by itself, that some places of an image belong together. Each coloured dot is such a place: drag it, and what stands there moves along. Level 0 is the whole thing; levels 1 and 2 are its parts. ' +
      'Everything is computed on this machine; nothing you open leaves it.'),
    element('div', { class: 'columns' }, ...tables),
    element('p', { class: 'note' }, 'Keys of the tools stand in their tooltips. SpatialGAN follows “Spatial Steerability of GANs via Self-Supervision from Discriminator” (Wang et al.).'));
}
