export { watchAttention, type AttentionWatch } from './attention.js';
export {
  commandLabels, type CommandOf, type CommandReducer, type CommandReducers, type EditorCommand, type EditorCommandType, type EditorCommands,
  type RegionPatch,
} from './commands.js';
export { createEditor } from './createEditor.js';
export { createDocument, requestOf, type EditorDocument, type NoiseMode } from './document.js';
export { documentFromJson, documentMigrations, documentToJson, type DocumentMigration, type JsonObject } from './documentJson.js';
export type { DispatchOptions, Editor, EditorEvents, EditorOptions, PointerInput } from './editor.js';
export type { Unsubscribe } from './emitter.js';
export { createGallery, type Gallery, type GalleryItem, type GalleryKind, type GalleryOptions, type GalleryState } from './gallery.js';
export { gaussianUtil } from './gaussianUtil.js';
export { sampleHeatmap } from './heatmap.js';
export type { HistoryEntry } from './history.js';
export { handleKey, isHeldKey, type KeyInput } from './keyboard.js';
export { canAddRegion } from './limits.js';
export { standardReducers } from './reducers.js';
export type { EditorSession, EditorSnapshot } from './snapshot.js';
export type { EditorState, HistoryLabel, SynthesisMode } from './state.js';
export type { EditorPlugin, EditorPointerEvent, EditorTool, OverlayContext, RegionHandle, RegionUtil } from './tool.js';
export { moveTool, selectTool } from './tools/moveTools.js';
export { addTool, duplicateTool, lockTool, removeTool, restyleTool } from './tools/pressTools.js';
export { addRegionAt, duplicateRegions, removeRegions, restyleRegions, toggleLock } from './tools/regionActions.js';
export { resizeRegion, rotateRegion } from './tools/shape.js';
export { fadeTool, resizeTool, rotateTool } from './tools/shapeTools.js';
export { chineseMessages, englishMessages, messagesFor, mountEditor, type EditorMessages, type MountOptions } from './dom.js';
