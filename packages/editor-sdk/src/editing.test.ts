import { findRegion, gaussianAxes, type GaussianRegion } from '@spatialgan/schema';
import { describe, expect, it, vi } from 'vitest';
import { fakeLayout, fakeRuntime } from '../test/fakeRuntime.js';
import { createEditor, documentFromJson, documentToJson, duplicateRegions, handleKey, type Editor } from './index.js';

const open = (options: Partial<Parameters<typeof createEditor>[0]> = {}): Editor =>
  createEditor({ runtime: fakeRuntime(), layout: fakeLayout(1), synthesis: 'manual', ...options });
const region = (editor: Editor, id: string) => findRegion(editor.getState().layout, id) as GaussianRegion;
const centerOf = (editor: Editor, id: string) => region(editor, id).center;
const axes = (editor: Editor, id: string) => gaussianAxes(region(editor, id).covariance);
const drag = (editor: Editor, from: { x: number; y: number }, to: { x: number; y: number }, more: object = {}) => {
  editor.pointer('down', { point: from, ...more });
  for (let i = 1; i <= 5; i += 1) editor.pointer('move', { point: { x: from.x + ((to.x - from.x) * i) / 5, y: from.y + ((to.y - from.y) * i) / 5 }, ...more });
  editor.pointer('up', { point: to, ...more });
};

describe('transactions and history', () => {
  it('makes one labelled step of what a function dispatches, and takes it back when it throws', () => {
    const editor = open();
    editor.transaction('Tidy up', () => {
      editor.dispatch({ type: 'setTruncation', psi: 0.5 });
      editor.transaction('inner', () => editor.dispatch({ type: 'setNoise', noise: 'none' }), );
      editor.dispatch({ type: 'removeRegion', id: 'l2r0' });
    });
    expect(editor.history().past.map(({ label }) => label)).toEqual(['Tidy up']);
    const before = editor.getState().document;
    expect(() => editor.transaction('Break', () => {
      editor.dispatch({ type: 'setTruncation', psi: 1 });
      throw new Error('no');
    })).toThrow('no');
    expect(editor.getState().document).toBe(before);
    expect(editor.history().past).toHaveLength(1);
    editor.undo();
    expect(editor.getState().document.noise).toBe('const');
  });

  it('jumps to any step and back', () => {
    const editor = open();
    const documents = [editor.getState().document];
    const changes = vi.fn();
    for (const psi of [0.1, 0.2, 0.3, 0.4]) {
      editor.dispatch({ type: 'setTruncation', psi });
      documents.push(editor.getState().document);
    }
    editor.on('change', changes);
    for (const at of [1, 4, 0, 3]) {
      editor.jumpTo(at);
      expect(editor.getState().document).toBe(documents[at]);
      expect(editor.history().past).toHaveLength(at);
    }
    expect(changes).toHaveBeenCalledTimes(4);
  });

  it('lets a host that owns the document change or refuse a step', () => {
    const editor = open();
    const before = editor.getState().document;
    editor.dispatch({ type: 'setTruncation', psi: 0.31 });
    editor.amend({ ...editor.getState().document, truncationPsi: 0.3 });
    expect(editor.history().past).toHaveLength(1);
    expect(editor.getState().truncationPsi).toBe(0.3);
    editor.undo();
    expect(editor.getState().document).toBe(before);
    editor.dispatch({ type: 'setTruncation', psi: 0.9 });
    editor.amend(before);
    expect(editor.history().past).toHaveLength(0);
    expect(editor.getState().document).toBe(before);
  });
});

describe('snapshots', () => {
  it('come back from text exactly, with latents, locks and session', () => {
    const editor = open({ latent: { kind: 'z', z: Float32Array.of(0.1, -2) } });
    editor.dispatch({ type: 'restyleRegion', id: 'l0r0', style: { kind: 'mix', from: { kind: 'seed', seed: 1 }, to: { kind: 'ws', ws: Float32Array.of(1e-3) }, amount: 0.25 } });
    editor.dispatch({ type: 'setLocked', ids: ['l1r0'], locked: true });
    editor.select(['l2r1', 'l2r2']);
    editor.setTool('fade');
    editor.setSnap(true);
    const text = JSON.stringify(editor.getSnapshot());
    const other = open({ layout: fakeLayout(9) });
    other.dispatch({ type: 'setTruncation', psi: 0 });
    other.loadSnapshot(JSON.parse(text));
    expect(other.getState().document).toEqual(editor.getState().document);
    expect(other.getState()).toMatchObject({ selection: ['l2r1', 'l2r2'], activeLevel: 2, toolId: 'fade', snap: true, undoable: undefined });
    expect(JSON.stringify(other.getSnapshot())).toBe(text);
  });

  it('of versions 1 and 2 are migrated; newer, older and damaged ones are refused and change nothing', () => {
    const editor = open();
    const { locked: _new, ...now } = editor.getSnapshot().document;
    expect(documentFromJson({ ...now, version: 1 })).toEqual(editor.getState().document);
    expect(documentFromJson({ ...now, version: 2, locked: ['l1r0'] })).toEqual({ ...editor.getState().document, locked: ['l1r0'] });
    const before = editor.getState();
    for (const bad of [{ ...now, version: 4 }, { ...now, version: 0 }, { ...now, version: 2 }, { ...now, version: 1, latent: { kind: 'z', z: '!' } }, null, 'x']) {
      expect(() => editor.loadSnapshot({ document: bad })).toThrowError(expect.objectContaining({ code: 'DATA' }));
    }
    expect(() => editor.loadSnapshot({ document: { ...now, version: 1, layout: { version: 1, levels: [] } } })).toThrowError(expect.objectContaining({ code: 'LAYOUT' }));
    expect(editor.getState()).toBe(before);
  });

  it('keep the label of a conditional model, which undo and the requests follow', async () => {
    const runtime = fakeRuntime({ labels: 3 });
    const editor = open({ runtime, synthesis: 'auto' });
    editor.dispatch({ type: 'setLabel', label: [0, 1, 0] });
    editor.dispatch({ type: 'setLabel', label: [0, 1, 0] });
    expect(editor.history().past.map(({ label }) => label)).toEqual(['Change class']);
    await expect.poll(() => editor.getState().status).toBe('idle');
    expect(runtime.requests.at(-1)!.label).toEqual([0, 1, 0]);
    expect(documentFromJson(JSON.parse(JSON.stringify(documentToJson(editor.getState().document))))).toEqual(editor.getState().document);
    editor.undo();
    expect(editor.getState().label).toBeUndefined();
    await expect.poll(() => editor.getState().status).toBe('idle');
    expect('label' in runtime.requests.at(-1)!).toBe(false);
    editor.redo();
    editor.dispatch({ type: 'setLabel' });
    expect(editor.getState().document).not.toHaveProperty('label');
    expect(() => editor.dispatch({ type: 'setLabel', label: [NaN] })).toThrowError(expect.objectContaining({ code: 'LAYOUT' }));
  });
});

describe('regions', () => {
  it('several move together by one drag, parent and child once each', () => {
    const editor = open();
    editor.select(['l0r0', 'l1r0']);
    const [root, child, leaf] = ['l0r0', 'l1r0', 'l2r0'].map((id) => centerOf(editor, id));
    drag(editor, root!, { x: root!.x + 0.1, y: root!.y }, { region: region(editor, 'l0r0'), handle: 'center' });
    for (const [id, was] of [['l0r0', root], ['l1r0', child], ['l2r0', leaf]] as const) expect(centerOf(editor, id).x - was!.x).toBeCloseTo(0.1, 10);
    expect(editor.history().past.map(({ label }) => label)).toEqual(['Move regions']);
    expect(editor.getState().selection).toEqual(['l0r0', 'l1r0']);
  });

  it('are picked by Shift, by a rectangle, and all by Ctrl-A', () => {
    const editor = open();
    const press = (id: string, shiftKey = false) => {
      const input = { point: centerOf(editor, id), region: region(editor, id), handle: 'center' as const, shiftKey };
      editor.pointer('down', input);
      editor.pointer('up', input);
    };
    press('l1r0');
    press('l2r3', true);
    expect(editor.getState().selection).toEqual(['l1r0', 'l2r3']);
    press('l1r0', true);
    expect(editor.getState().selection).toEqual(['l2r3']);
    editor.setTool('select');
    drag(editor, { x: -0.5, y: -0.5 }, { x: 1.5, y: 1.5 }, { region: undefined });
    expect(editor.getState().selection).toHaveLength(7);
    expect(editor.history().past).toHaveLength(0);
    handleKey(editor, { key: 'Escape' });
    handleKey(editor, { key: 'a', command: true });
    expect(editor.getState().selection).toHaveLength(7);
    handleKey(editor, { key: 'Delete' });
    expect(editor.getState().layout.levels.every(({ regions }) => regions.length === 0)).toBe(true);
    handleKey(editor, { key: 'z', command: true });
    expect(editor.getState().layout).toEqual(fakeLayout(1));
  });

  it('that are locked stay: alone, with their parent, and among others', () => {
    const editor = open();
    const refused = vi.fn();
    editor.on('refused', refused);
    editor.dispatch({ type: 'setLocked', ids: ['l1r0'], locked: true });
    const [stays, goes] = [centerOf(editor, 'l1r0'), centerOf(editor, 'l1r1')];
    editor.dispatch({ type: 'moveRegion', id: 'l1r0', to: { x: 0, y: 0 } });
    editor.dispatch({ type: 'removeRegion', id: 'l1r0' });
    editor.dispatch({ type: 'moveRegions', ids: ['l1r0'], by: { x: 1, y: 0 } });
    expect(refused.mock.calls.map(([{ by }]) => by)).toEqual(['lock', 'lock', 'lock']);
    editor.dispatch({ type: 'moveRegion', id: 'l0r0', to: { x: centerOf(editor, 'l0r0').x + 0.2, y: 0.5 } });
    editor.dispatch({ type: 'moveRegions', ids: ['l1r0', 'l1r1'], by: { x: 0.1, y: 0 } });
    expect(centerOf(editor, 'l1r0')).toEqual(stays);
    expect(centerOf(editor, 'l1r1').x).toBeCloseTo(goes.x + 0.3, 10);
    editor.select(['l1r0']);
    handleKey(editor, { key: 'l', command: true, shiftKey: true });
    expect(editor.getState().document.locked).toEqual([]);
  });

  it('turn and stretch by their grips and by keys, keeping their area and weight', () => {
    const editor = open();
    const at = centerOf(editor, 'l1r0');
    const before = axes(editor, 'l1r0');
    drag(editor, { x: at.x + before.major, y: at.y }, { x: at.x + 2 * before.major, y: at.y }, { region: region(editor, 'l1r0'), handle: 'width' });
    expect(axes(editor, 'l1r0').major).toBeCloseTo(2 * before.major, 10);
    expect(axes(editor, 'l1r0').minor).toBeCloseTo(before.minor, 10);
    drag(editor, { x: at.x + 0.2, y: at.y }, { x: at.x, y: at.y + 0.2 }, { region: region(editor, 'l1r0'), handle: 'rotate' });
    expect(Math.abs(axes(editor, 'l1r0').angle)).toBeCloseTo(Math.PI / 2, 10);
    // Turned by 90°, its own long axis now lies along y: pulling it there lengthens it.
    drag(editor, { x: at.x, y: at.y + 0.2 }, { x: at.x, y: at.y + 0.3 }, { region: region(editor, 'l1r0'), handle: 'width' });
    expect(axes(editor, 'l1r0').major).toBeCloseTo(3 * before.major, 10);
    expect(region(editor, 'l1r0').covariance[2]).toBeCloseTo((3 * before.major) ** 2, 10);
    for (let i = 0; i < 9; i += 1) handleKey(editor, { key: ']' });
    editor.endTransaction();
    expect(Math.tan(axes(editor, 'l1r0').angle)).toBeCloseTo(Math.tan(Math.PI / 2 + Math.PI / 4), 6);
    handleKey(editor, { key: ',' });
    expect(region(editor, 'l1r0').weight).toBeCloseTo(0.9, 10);
    for (let i = 0; i < 5; i += 1) editor.undo();
    expect(axes(editor, 'l1r0')).toEqual(before);
  });

  it('snap to the middle and to each other', () => {
    const editor = open({ snap: true });
    const at = centerOf(editor, 'l2r0');
    const aim = centerOf(editor, 'l1r1');
    drag(editor, at, { x: 0.508, y: aim.y + 0.009 }, { region: region(editor, 'l2r0'), handle: 'center' });
    const lines = [0.5, ...['l0r0', 'l1r0', 'l1r1', 'l2r1', 'l2r2', 'l2r3'].map((id) => centerOf(editor, id).x)];
    expect(lines).toContain(centerOf(editor, 'l2r0').x);
    expect(centerOf(editor, 'l2r0').y).not.toBe(aim.y + 0.009);
  });

  it('are copied where the model has room, and refused where not', () => {
    const editor = open();
    const refused = vi.fn();
    editor.on('refused', refused);
    expect(duplicateRegions(editor, ['l2r0'])).toBe(0);
    expect(refused).toHaveBeenCalledWith(expect.objectContaining({ by: 'capacity' }));
    editor.dispatch({ type: 'removeRegion', id: 'l2r3' });
    editor.select(['l2r0']);
    handleKey(editor, { key: 'd', command: true });
    expect(editor.getState().selection).toEqual(['copy1']);
    expect(region(editor, 'copy1').covariance).toEqual(region(editor, 'l2r0').covariance);
    expect(editor.getState().undoable?.label).toBe('Duplicate region');
  });

  it('have an appearance of their own where the model can, and the tool hides where not', () => {
    expect(open().tools().map(({ id }) => id)).not.toContain('restyle');
    const runtime = fakeRuntime();
    const editor = open({ runtime: { ...runtime, info: { ...runtime.info, regionStyles: true } } });
    editor.setTool('restyle');
    editor.pointer('down', { point: centerOf(editor, 'l1r0'), region: region(editor, 'l1r0') });
    editor.pointer('up', { point: centerOf(editor, 'l1r0') });
    expect(region(editor, 'l1r0').style).toMatchObject({ kind: 'seed' });
    editor.dispatch({ type: 'restyleRegion', id: 'l1r0' });
    expect(region(editor, 'l1r0')).not.toHaveProperty('style');
  });
});

describe('quality', () => {
  it('asks for previews during a drag and for the full image when the hand rests', async () => {
    const runtime = fakeRuntime({ previews: true });
    const editor = open({ runtime, synthesis: 'auto' });
    await vi.waitFor(() => expect(editor.getState()).toMatchObject({ imageIsCurrent: true, imageIsFinal: true }));
    const at = centerOf(editor, 'l0r0');
    editor.pointer('down', { point: at });
    editor.pointer('move', { point: { x: at.x + 0.1, y: at.y } });
    await vi.waitFor(() => expect(editor.getState()).toMatchObject({ imageIsCurrent: true, imageIsFinal: false }));
    editor.pointer('up', { point: at });
    await vi.waitFor(() => expect(editor.getState()).toMatchObject({ imageIsCurrent: true, imageIsFinal: true, status: 'idle' }));
    expect(runtime.qualities.slice(0, 3)).toEqual(['final', 'preview', 'final']);
    editor.pointer('down', { point: at });
    editor.pointer('move', { point: { x: at.x + 0.2, y: at.y } });
    await vi.waitFor(() => expect(editor.getState().imageIsFinal).toBe(false));
    await vi.waitFor(() => expect(editor.getState()).toMatchObject({ imageIsCurrent: true, imageIsFinal: true }));
  });

  it('asks a model without previews once', async () => {
    const runtime = fakeRuntime({ delay: 5 });
    const editor = open({ runtime, synthesis: 'auto' });
    await vi.waitFor(() => expect(editor.getState().imageIsFinal).toBe(true));
    const at = centerOf(editor, 'l0r0');
    editor.pointer('down', { point: at });
    editor.pointer('move', { point: { x: at.x + 0.1, y: at.y } });
    editor.pointer('up', { point: at });
    await vi.waitFor(() => expect(editor.getState()).toMatchObject({ imageIsFinal: true, originalIsCurrent: true, imageIsCurrent: true }));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(runtime.qualities).toEqual(['final', 'preview']);
  });
});
