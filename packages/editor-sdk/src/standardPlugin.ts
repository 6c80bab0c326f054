import { gaussianUtil } from './gaussianUtil.js';
import type { EditorPlugin } from './tool.js';
import { moveTool, selectTool } from './tools/moveTools.js';
import { addTool, duplicateTool, lockTool, removeTool, restyleTool } from './tools/pressTools.js';
import { fadeTool, resizeTool, rotateTool } from './tools/shapeTools.js';

/** What every editor starts with; a later plugin's tool or util of the same id or kind takes its place. */
export const standardPlugin: EditorPlugin = {
  name: 'standard',
  tools: [
    moveTool(), selectTool(), resizeTool(), rotateTool(), fadeTool(), addTool(), duplicateTool(), restyleTool(), lockTool(), removeTool(),
  ],
  regionUtils: [gaussianUtil],
};
