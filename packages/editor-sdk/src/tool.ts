import type { ModelRuntime, Point, Region } from '@spatialgan/schema';
import type { CommandReducers, EditorCommand } from './commands.js';
import type { Editor } from './editor.js';
import type { Unsubscribe } from './emitter.js';

/** Part of a region that can be pressed: its center, or a grip of its whole size, of one axis, or of its angle. */
export type RegionHandle = 'center' | 'size' | 'width' | 'height' | 'rotate';

export interface EditorPointerEvent {
  /** Normalized image coordinates. */
  readonly point: Point;
  /** Under the pointer. */
  readonly region?: Region | undefined;
  /** Part of the region that was pressed, if a face shows such parts. */
  readonly handle?: RegionHandle | undefined;
  readonly buttons: number;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}
export interface OverlayContext {
  readonly canvas: CanvasRenderingContext2D;
  toPixels(point: Point): Point;
}
/** What the pointer does. A plain object; all hooks are optional. */
export interface EditorTool {
  readonly id: string;
  readonly label: string;
  readonly cursor?: string;
  /** A single key, e.g. 'v'. */
  readonly hotkey?: string;
  /** Hidden when the model cannot do it, e.g. restyle without `info.regionStyles`. */
  isAvailable?(runtime: ModelRuntime): boolean;
  onEnter?(editor: Editor): void;
  onExit?(editor: Editor): void;
  onPointerDown?(event: EditorPointerEvent, editor: Editor): void;
  onPointerMove?(event: EditorPointerEvent, editor: Editor): void;
  onPointerUp?(event: EditorPointerEvent, editor: Editor): void;
  /** True = the key meant something. */
  onKeyDown?(key: string, editor: Editor): boolean | void;
  onCancel?(editor: Editor): void;
  drawOverlay?(overlay: OverlayContext, editor: Editor): void;
}
/** Geometry of one region kind, so that tools and faces need not know it. Pure. */
export interface RegionUtil<R extends Region = Region> {
  readonly kind: R['kind'];
  /** Height in [0, weight]; `at` is valid during the call only. */
  evaluate(region: R, at: Point): number;
  /** A closed polygon in image coordinates. */
  outline(region: R, level: number): readonly Point[];
  /** Scales the extent along x and y. */
  resize(region: R, factor: { readonly x: number; readonly y: number }): R;
  /** Turns about the center by radians, from x towards y; absent = cannot be turned. */
  rotate?(region: R, angle: number): R;
  /** How far a region is turned, in radians: its own x axis against the image's. */
  angle?(region: R): number;
}
export interface EditorPlugin {
  readonly name: string;
  readonly tools?: readonly EditorTool[];
  readonly regionUtils?: readonly RegionUtil<any>[];
  /** Meaning of the commands this plugin adds to `EditorCommands`. */
  readonly reducers?: CommandReducers;
  /** Last word on a command: return it, a changed one, or null to refuse. */
  filterCommand?(command: EditorCommand, editor: Editor): EditorCommand | null;
  setup?(editor: Editor): Unsubscribe | void;
}
