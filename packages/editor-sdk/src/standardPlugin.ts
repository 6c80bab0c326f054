import { gaussianUtil } from './gaussianUtil.js';
import type { EditorPlugin } from './tool.js';
import { addTool, fadeTool, moveTool, removeTool, resizeTool } from './tools.js';

/** What every editor starts with; a later plugin's tool or util of the same id or kind takes its place. */
export const standardPlugin: EditorPlugin = {
  name: 'standard',
  tools: [moveTool(), resizeTool(), fadeTool(), addTool(), removeTool()],
  regionUtils: [gaussianUtil],
};
