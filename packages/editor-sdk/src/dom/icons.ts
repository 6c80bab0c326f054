import { svg } from './element.js';

const paths = {
  move: 'M12 3v18M3 12h18M12 3l-3 3M12 3l3 3M12 21l-3-3M12 21l3-3M3 12l3-3M3 12l3 3M21 12l-3-3M21 12l-3 3',
  resize: 'M4 20L20 4M20 4h-6M20 4v6M4 20h6M4 20v-6',
  fade: 'M12 3a9 9 0 1 0 0 18zM15 4.5v15M18 7v10',
  add: 'M12 5v14M5 12h14',
  remove: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5',
  select: 'M4 4h3M10 4h4M17 4h3v3M20 10v4M20 17v3h-3M14 20h-4M7 20H4v-3M4 14v-4M4 7V4',
  rotate: 'M19 8a8 8 0 1 0 1 6M20 3v5h-5',
  duplicate: 'M9 9h11v11H9zM5 15H4V4h11v1',
  restyle: 'M12 3a9 9 0 1 0 0 18c1.700 0 2-1.300 1.200-2.300-1-1.300 0-2.700 1.800-2.700h2a4 4 0 0 0 4-4.500C20.500 6.500 16.700 3 12 3zM7.500 12h.01M9.500 7.800h.01M14.500 7.800h.01',
  lock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3M12 15v2',
  wipe: 'M4 5h16v14H4zM12 3v18M8 12l-1.500 0M17.500 12H16M8 10l-2 2 2 2M16 10l2 2-2 2',
  attention: 'M12 4v3M12 17v3M4 12h3M17 12h3M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 12h.01',
  snap: 'M6 4v8a6 6 0 0 0 12 0V4h-4v8a2 2 0 0 1-4 0V4zM6 8h4M14 8h4',
  grid: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  undo: 'M8 5L3 10l5 5M3 10h11a6 6 0 0 1 0 12h-3',
  redo: 'M16 5l5 5-5 5M21 10H10a6 6 0 0 0 0 12h3',
  compare: 'M4 5h7v14H4zM13 5h7v14h-7z',
  heat: 'M12 21a6 6 0 0 0 6-6c0-5-6-6-5-12-4 2-8 7-7 12a6 6 0 0 0 6 6z',
  pixels: 'M4 4h16v16H4zM4 12h16M12 4v16',
  eye: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z',
  eyeOff: 'M4 4l16 16M9 5.5C16 3 22 12 22 12s-1.200 2-3.300 4M6 7.500C3.500 9.500 2 12 2 12s4 7 10 7c1.600 0 3-.4 4.200-1',
  dice: 'M4 4h16v16H4zM8.500 8.500h.01M15.500 8.500h.01M12 12h.01M8.500 15.500h.01M15.500 15.500h.01',
  reset: 'M20 12a8 8 0 1 1-2.500-5.800M20 3v5h-5M12 9v6M9 12h6',
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
