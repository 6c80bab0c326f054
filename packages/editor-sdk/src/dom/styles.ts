import { layoutCss } from './layoutCss.js';
import { controlsCss } from './controlsCss.js';
import { stageCss } from './stageCss.js';

/** The face's style sheet; a constructed one, so that no CSP needs 'unsafe-inline'. */
export function faceStyles(): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(layoutCss + controlsCss + stageCss);
  return sheet;
}
