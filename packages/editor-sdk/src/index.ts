export {
  commandLabels, standardReducers,
  type CommandOf, type CommandReducer, type CommandReducers, type EditorCommand, type EditorCommandType,
  type EditorCommands, type RegionPatch,
} from './commands.js';
export { createEditor } from './createEditor.js';
export { createDocument, requestOf, type EditorDocument, type NoiseMode } from './document.js';
export type { DispatchOptions, Editor, EditorEvents, EditorOptions, PointerInput } from './editor.js';
export type { Unsubscribe } from './emitter.js';
export { gaussianUtil } from './gaussianUtil.js';
export { sampleHeatmap } from './heatmap.js';
export type { HistoryEntry } from './history.js';
export { handleKey, resizeRegion, type KeyInput } from './keyboard.js';
export type { EditorState, HistoryLabel, SynthesisMode } from './state.js';
export type { EditorPlugin, EditorPointerEvent, EditorTool, OverlayContext, RegionUtil } from './tool.js';
export { addRegionAt, addTool, canAddRegion, fadeTool, moveTool, removeTool, resizeTool } from './tools.js';
export { englishMessages, mountEditor, type EditorMessages, type MountOptions } from './dom.js';
