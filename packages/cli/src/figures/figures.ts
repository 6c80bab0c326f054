import { attentionFigure, robustnessFigure } from './attentionFigures.js';
import { dragFigure, fineDragFigure, galleryFigure, moveFigure, removeFigure, restyleFigure } from './editFigures.js';
import { featureFigure } from './featureFigure.js';
import type { Figure } from './figureContext.js';

/** The paper's figures by number. */
export const figures: Readonly<Record<string, Figure>> = {
  3: attentionFigure, 5: galleryFigure, 8: dragFigure, 9: fineDragFigure, 10: moveFigure, 11: removeFigure, 12: restyleFigure, 13: robustnessFigure, 14: featureFigure,
};
