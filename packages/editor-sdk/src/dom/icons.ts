import { svg } from './element.js';

const paths = {
  move: 'M12 3v18M3 12h18M12 3l-3 3M12 3l3 3M12 21l-3-3M12 21l3-3M3 12l3-3M3 12l3 3M21 12l-3-3M21 12l-3 3',
  resize: 'M4 20L20 4M20 4h-6M20 4v6M4 20h6M4 20v-6',
  fade: 'M12 3a9 9 0 1 0 0 18zM15 4.5v15M18 7v10',
  add: 'M12 5v14M5 12h14',
  remove: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5',
  undo: 'M8 5L3 10l5 5M3 10h11a6 6 0 0 1 0 12h-3',
  redo: 'M16 5l5 5-5 5M21 10H10a6 6 0 0 0 0 12h3',
  compare: 'M4 5h7v14H4zM13 5h7v14h-7z',
  heat: 'M12 21a6 6 0 0 0 6-6c0-5-6-6-5-12-4 2-8 7-7 12a6 6 0 0 0 6 6z',
  pixels: 'M4 4h16v16H4zM4 12h16M12 4v16',
  eye: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z',
  eyeOff: 'M4 4l16 16M9 5.5C16 3 22 12 22 12s-1.200 2-3.300 4M6 7.500C3.500 9.500 2 12 2 12s4 7 10 7c1.600 0 3-.4 4.200-1',
  dice: 'M4 4h16v16H4zM8.500 8.500h.01M15.500 8.500h.01M12 12h.01M8.500 15.500h.01M15.500 15.500h.01',
  reset: 'M20 12a8 8 0 1 1-2.500-5.800M20 3v5h-5',
  generate: 'M12 3l2 6 6 2-6 2-2 6-2-6-6-2 6-2zM19 16l.8 2.200L22 19l-2.200.8L19 22l-.8-2.200L16 19l2.200-.8z',
} as const;
export type IconName = keyof typeof paths;

/** A decorative 24×24 stroke icon in the current colour. */
export function icon(name: IconName): SVGSVGElement {
  const shape = svg('path', { d: paths[name], fill: 'none', stroke: 'currentColor', 'stroke-width': 1.8, 'stroke-linecap': 'round', 'stroke-linejoin': 'round' });
  return svg('svg', { viewBox: '0 0 24 24', width: 20, height: 20, 'aria-hidden': 'true', focusable: 'false' }, shape);
}

/** Whether there is an icon of that name, e.g. for a tool from a plugin. */
export const isIconName = (name: string): name is IconName => name in paths;
