import { watchAttention, type AttentionWatch } from '../attention.js';
import type { EditorState } from '../state.js';
import { createImageView } from './imageView.js';
import type { FaceContext } from './part.js';
import type { View } from './view.js';

/** The discriminator's attention over the image: the map whose place among the targets is the active level's. Works only while it is shown. */
export function createAttentionView({ editor, view, text }: FaceContext) {
  const image = createImageView({ class: 'attention', 'aria-label': text('attention') });
  let watch: AttentionWatch | undefined;
  function update({ activeLevel }: EditorState, { attention }: View): void {
    if (attention && !watch) {
      watch = watchAttention(editor);
      watch.subscribe(() => update(editor.getState(), view.get()));
    } else if (!attention) {
      watch?.dispose();
      watch = undefined;
    }
    const maps = Object.entries(watch?.maps() ?? {});
    const [name, map] = maps[Math.min(activeLevel, maps.length - 1)] ?? [];
    image.canvas.hidden = !map;
    image.canvas.dataset['target'] = name ?? '';
    if (map) image.show(map, false);
  }
  return {
    canvas: image.canvas,
    update,
    dispose(): void {
      watch?.dispose();
      image.dispose();
    },
  };
}
