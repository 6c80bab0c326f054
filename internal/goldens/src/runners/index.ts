import type { Runner } from '../goldenCase.js';
import { runners as augment } from './augment.js';
import { runners as gradcam } from './gradcam.js';
import { runners as heatmap } from './heatmap.js';
import { runners as imports } from './import.js';
import { runners as losses } from './losses.js';
import { runners as metrics } from './metrics.js';
import { runners as ops } from './ops.js';
import { runners as sel } from './sel.js';
import { runners as stylegan2 } from './stylegan2.js';
import { runners as training } from './training.js';

/** Every runner by the `op` of case.json. */
export const allRunners: Readonly<Record<string, Runner>> = {
  ...augment,
  ...ops,
  ...stylegan2,
  ...heatmap,
  ...sel,
  ...gradcam,
  ...losses,
  ...training,
  ...metrics,
  ...imports,
};
