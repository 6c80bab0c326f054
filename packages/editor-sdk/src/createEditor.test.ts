import { SpatialGANError, findRegion, levelOf, regionsOf, type LatentSpec, type RgbaImage } from '@spatialgan/schema';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { fakeImage, fakeLayout, fakeRuntime } from '../test/fakeRuntime.js';
import { commandLabels, createDocument, createEditor, documentToJson, handleKey, type Editor, type EditorCommand, type EditorDocument, type EditorPlugin } from './index.js';

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const open = (options: Partial<Parameters<typeof createEditor>[0]> = {}): Editor =>
  createEditor({ runtime: fakeRuntime(), layout: fakeLayout(1), synthesis: 'manual', ...options });
const centerOf = (editor: Editor, id: string) => findRegion(editor.getState().layout, id)!.center;
const hash = (document: EditorDocument) => createHash('sha256').update(JSON.stringify(documentToJson(document))).digest('hex');

describe('createEditor', () => {
  it('moves a level-0 region with its children and a level-1 region alone', () => {
    const editor = open();
    const [root, child] = [centerOf(editor, 'l0r0'), centerOf(editor, 'l2r3')];
    editor.dispatch({ type: 'moveRegion', id: 'l0r0', to: { x: root.x + 0.1, y: root.y - 0.2 } });
    expect(centerOf(editor, 'l2r3').x).toBeCloseTo(child.x + 0.1, 12);
    expect(centerOf(editor, 'l2r3').y).toBeCloseTo(child.y - 0.2, 12);
    editor.dispatch({ type: 'moveRegion', id: 'l1r0', to: { x: 0.9, y: 0.9 } });
    expect(centerOf(editor, 'l0r0').x).toBeCloseTo(root.x + 0.1, 12);
    expect(centerOf(editor, 'l1r0')).toEqual({ x: 0.9, y: 0.9 });
  });

  it('makes one undo step of a drag, and two of two drags', () => {
    const editor = open();
    const before = editor.getState().document;
    for (let drag = 0; drag < 2; drag += 1) {
      const start = centerOf(editor, 'l0r0');
      editor.pointer('down', { point: start });
      for (let i = 1; i <= 20; i += 1) editor.pointer('move', { point: { x: start.x + i / 200, y: start.y } });
      editor.pointer('up', { point: { x: start.x + 0.1, y: start.y } });
    }
    expect(editor.history().past).toHaveLength(2);
    expect(editor.getState().undoable).toEqual({ label: 'Move region', commandType: 'moveRegion' });
    editor.undo();
    editor.undo();
    expect(editor.getState().document).toBe(before);
    expect(editor.getState().undoable).toBeUndefined();
  });

  it('takes a cancelled drag back and keeps what could be redone', () => {
    const editor = open();
    const start = centerOf(editor, 'l0r0');
    editor.dispatch({ type: 'setTruncation', psi: 0.5 });
    editor.undo();
    const before = editor.getState().document;
    editor.pointer('down', { point: start });
    editor.pointer('move', { point: { x: 0.9, y: 0.1 } });
    expect(editor.getState().redoable).toBeUndefined();
    expect(handleKey(editor, { key: 'Escape' })).toBe(true);
    expect(editor.getState().document).toBe(before);
    expect(editor.getState().redoable?.commandType).toBe('setTruncation');
    editor.pointer('move', { point: { x: 0.2, y: 0.2 } });
    expect(editor.getState().document).toBe(before);
  });

  it('undoes 1000 random commands to the initial hash and redoes them to the final one', () => {
    fc.assert(
      fc.property(fc.array(commandArbitrary, { minLength: 1000, maxLength: 1000 }), (draws) => {
        const editor = open();
        const initial = hash(editor.getState().document);
        const applied = new Set<string>();
        editor.on('command', ({ command }) => applied.add(command.type));
        draws.forEach((draw, i) => {
          const command = draw(editor);
          if (command) editor.dispatch(command, i % 10 < 4 ? { transaction: `drag${Math.floor(i / 10)}` } : {});
        });
        const final = hash(editor.getState().document);
        for (const type of Object.keys(commandLabels)) expect(applied, type).toContain(type);
        const steps = editor.history().past.length;
        expect(steps).toBeGreaterThan(100);
        for (let i = 0; i < steps; i += 1) editor.undo();
        expect(hash(editor.getState().document)).toBe(initial);
        expect(editor.getState().undoable).toBeUndefined();
        for (let i = 0; i < steps; i += 1) editor.redo();
        expect(hash(editor.getState().document)).toBe(final);
        expect(editor.getState().redoable).toBeUndefined();
      }),
      { numRuns: 5, endOnFailure: true },
    );
  });

  it('lets plugins filter, refuse and add commands, and says which plugin threw', () => {
    const refused = vi.fn();
    const snap: EditorPlugin = {
      name: 'snap',
      filterCommand(command) {
        if (command.type === 'removeRegion') return null;
        if (command.type === 'setTruncation' && command.psi > 2) throw new Error('too wild');
        return command.type === 'moveRegion' ? { ...command, to: { x: Math.round(command.to.x * 4) / 4, y: command.to.y } } : command;
      },
    };
    const editor = open();
    editor.on('refused', refused);
    const remove = editor.use(snap);
    editor.dispatch({ type: 'moveRegion', id: 'l0r0', to: { x: 0.3, y: 0.5 } });
    expect(centerOf(editor, 'l0r0')).toEqual({ x: 0.25, y: 0.5 });
    editor.dispatch({ type: 'removeRegion', id: 'l0r0' });
    expect(refused).toHaveBeenCalledWith({ command: { type: 'removeRegion', id: 'l0r0' }, by: 'snap' });
    expect(() => editor.dispatch({ type: 'setTruncation', psi: 3 })).toThrowError(expect.objectContaining({ code: 'CONFIG', plugin: 'snap' }));
    expect(() => editor.use(snap)).toThrowError(expect.objectContaining({ code: 'CONFIG' }));
    remove();
    editor.dispatch({ type: 'removeRegion', id: 'l0r0' });
    expect(findRegion(editor.getState().layout, 'l0r0')).toBeUndefined();
    expect(findRegion(editor.getState().layout, 'l1r0')!.parentId).toBeUndefined();
  });

  it('runs a tool from outside', () => {
    const editor = open({
      plugins: [{ name: 'pin', tools: [{ id: 'pin', label: 'Pin', hotkey: 'p', onPointerMove: ({ point, region, buttons }, e) => {
        if (buttons && region) e.dispatch({ type: 'moveRegion', id: region.id, to: point }, { transaction: 'drag' });
      } }] }],
    });
    expect(editor.key('p')).toBe(true);
    expect(editor.getState().toolId).toBe('pin');
    const { x, y } = centerOf(editor, 'l0r0');
    editor.pointer('down', { point: { x, y } });
    editor.pointer('move', { point: { x: x + 0.01, y }, region: findRegion(editor.getState().layout, 'l0r0') });
    editor.pointer('up', { point: { x: x + 0.01, y } });
    expect(centerOf(editor, 'l0r0').x).toBeCloseTo(x + 0.01, 12);
    expect(() => editor.setTool('nothing')).toThrowError(/expected one of move/);
  });

  it('does everything by keyboard', () => {
    const editor = open();
    editor.select(['l1r0']);
    expect(editor.getState().activeLevel).toBe(1);
    const { x } = centerOf(editor, 'l1r0');
    for (let i = 0; i < 4; i += 1) handleKey(editor, { key: 'ArrowRight' });
    editor.endTransaction();
    expect(centerOf(editor, 'l1r0').x).toBeCloseTo(x + 4 / 64, 12);
    handleKey(editor, { key: 'ArrowDown', shiftKey: true });
    handleKey(editor, { key: '+' });
    editor.endTransaction();
    handleKey(editor, { key: 'Delete' });
    expect(levelOf(editor.getState().layout, 'l1r0')).toBe(-1);
    expect(editor.getState().selection).toEqual([]);
    handleKey(editor, { key: 'z', command: true });
    expect(levelOf(editor.getState().layout, 'l1r0')).toBe(1);
    handleKey(editor, { key: 'z', command: true });
    handleKey(editor, { key: 'z', command: true });
    expect(centerOf(editor, 'l1r0').x).toBe(x);
    handleKey(editor, { key: 'y', command: true });
    expect(centerOf(editor, 'l1r0').x).toBeCloseTo(x + 4 / 64, 12);
  });

  it('refuses commands when read-only, bad values always, and everything after dispose', () => {
    const editor = open({ readOnly: true });
    const before = editor.getState().document;
    editor.dispatch({ type: 'removeRegion', id: 'l0r0' });
    expect(editor.getState().document).toBe(before);
    editor.setReadOnly(false);
    expect(() => editor.dispatch({ type: 'moveRegion', id: 'l0r0', to: { x: NaN, y: 0 } })).toThrowError(expect.objectContaining({ code: 'LAYOUT' }));
    expect(() => editor.dispatch({ type: 'moveRegion', id: 'who', to: { x: 0, y: 0 } })).toThrowError(SpatialGANError);
    editor.dispose();
    editor.dispose();
    expect(() => editor.dispatch({ type: 'removeRegion', id: 'l0r0' })).toThrowError(expect.objectContaining({ code: 'DISPOSED' }));
  });

  it('samples a layout when none is given, and resets in one undo step', async () => {
    const editor = createEditor({ runtime: fakeRuntime(), randomSeed: () => 7 });
    await editor.ready;
    expect(editor.getState().layout).toEqual(fakeLayout(7));
    expect(editor.getState().undoable).toBeUndefined();
    await editor.reset({ seed: 8, latent: 'new' });
    expect(editor.getState().document.originalLayout).toEqual(fakeLayout(8));
    expect(editor.getState().latent).toEqual({ kind: 'seed', seed: 7 });
    editor.undo();
    expect(editor.getState().layout).toEqual(fakeLayout(7));
  });
});

it('says what is wrong with a layout that a model has sampled, and goes on with the next', async () => {
  const runtime = fakeRuntime();
  const broken = { version: 1 as const, levels: [{ resolutions: [4], regions: [{ ...fakeLayout(1).levels[0]!.regions[0]!, center: { x: NaN, y: 0 } }] }] };
  const editor = createEditor({ runtime: { ...runtime, sampleLayout: (seed) => (seed === 1 ? Promise.resolve(broken) : runtime.sampleLayout(seed)) }, randomSeed: () => 1 });
  await editor.ready;
  expect(editor.getState()).toMatchObject({ status: 'error', error: { code: 'LAYOUT' } });
  await editor.reset({ seed: 2 });
  expect(editor.getState().layout).toEqual(fakeLayout(2));
});

describe('synthesis', () => {
  const same = (a: RgbaImage, b: RgbaImage) => Buffer.compare(Buffer.from(a.pixels), Buffer.from(b.pixels)) === 0;

  it('follows every change in auto mode and waits for generate in manual mode', async () => {
    const runtime = fakeRuntime();
    const editor = createEditor({ runtime, layout: fakeLayout(1) });
    await vi.waitFor(() => expect(editor.getState().imageIsCurrent).toBe(true));
    expect(runtime.requests).toHaveLength(1);
    editor.setSynthesis('manual');
    editor.dispatch({ type: 'moveRegion', id: 'l0r0', to: { x: 0.1, y: 0.1 } });
    await sleep(20);
    expect(runtime.requests).toHaveLength(1);
    expect(editor.getState()).toMatchObject({ imageIsCurrent: false, status: 'idle' });
    await editor.generate();
    expect(editor.getState().imageIsCurrent).toBe(true);
    await vi.waitFor(() => expect(editor.getState().originalIsCurrent).toBe(true));
    expect(same(editor.getState().original!, fakeImage({ layout: fakeLayout(1), latent: { kind: 'seed', seed: 0 } }))).toBe(true);
  });

  it('aborts the older of two changes and drops its image even when the runtime ignores the signal', async () => {
    for (const abortable of [true, false]) {
      const runtime = fakeRuntime({ abortable, delay: (n) => (n === 0 ? 40 : 5) });
      const editor = createEditor({ runtime, layout: fakeLayout(1) });
      const images: (RgbaImage | undefined)[] = [];
      editor.subscribe((state, previous) => state.image !== previous.image && images.push(state.image));
      editor.dispatch({ type: 'setTruncation', psi: 0.5 });
      expect(runtime.signals[0]!.aborted).toBe(true);
      await sleep(80);
      expect(images).toHaveLength(1);
      expect(same(images[0]!, fakeImage({ ...editor.getState().document }))).toBe(true);
      expect(editor.getState().status).toBe('idle');
    }
  });

  it('shows frames during a drag of 200 events, in order, and ends on the exact one', async () => {
    const runtime = fakeRuntime({ delay: (n) => 2 + ((n * 7) % 11) });
    const editor = createEditor({ runtime, layout: fakeLayout(1) });
    await vi.waitFor(() => expect(editor.getState().imageIsCurrent).toBe(true));
    const shown: number[] = [];
    editor.subscribe((state, previous) => {
      if (state.image === previous.image) return;
      shown.push(runtime.images.indexOf(state.image!));
    });
    const start = centerOf(editor, 'l0r0');
    editor.pointer('down', { point: start });
    for (let i = 1; i <= 200; i += 1) {
      editor.pointer('move', { point: { x: start.x - i / 1000, y: start.y + i / 900 } });
      await sleep(1);
    }
    editor.pointer('up', { point: start });
    await vi.waitFor(() => expect(editor.getState().imageIsCurrent).toBe(true));
    expect(shown.length).toBeGreaterThan(10);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
    expect(same(editor.getState().image!, fakeImage(editor.getState().document))).toBe(true);
    editor.undo();
    await vi.waitFor(() => expect(editor.getState().imageIsCurrent).toBe(true));
    expect(centerOf(editor, 'l0r0')).toEqual(start);
  });

  it('reports an error in the state and recovers with the next image', async () => {
    const runtime = fakeRuntime();
    let broken = true;
    const synthesize: typeof runtime.synthesize = (...a) => (broken ? Promise.reject(new Error('no')) : runtime.synthesize(...a));
    const editor = createEditor({ runtime: { ...runtime, synthesize }, layout: fakeLayout(1) });
    const onError = vi.fn();
    editor.on('error', onError);
    await vi.waitFor(() => expect(editor.getState().status).toBe('error'));
    expect(onError).toHaveBeenCalledOnce();
    broken = false;
    await editor.generate();
    expect(editor.getState()).toMatchObject({ status: 'idle', error: undefined, imageIsCurrent: true });
  });
});

type Draw = (editor: Editor) => EditorCommand | undefined;
const unit = fc.double({ min: -0.2, max: 1.2, noNaN: true });
const pick = (editor: Editor, n: number) => {
  const regions = regionsOf(editor.getState().layout);
  return regions[n % Math.max(regions.length, 1)];
};
const latentArbitrary: fc.Arbitrary<LatentSpec> = fc.oneof(
  fc.nat(1e5).map((seed): LatentSpec => ({ kind: 'seed', seed })),
  fc.float32Array({ minLength: 4, maxLength: 4, noNaN: true, noDefaultInfinity: true }).map((z): LatentSpec => ({ kind: 'z', z })),
  fc.double({ min: 0, max: 1, noNaN: true }).map((amount): LatentSpec => ({ kind: 'mix', from: { kind: 'seed', seed: 1 }, to: { kind: 'seed', seed: 2 }, amount })),
);
const commandArbitrary: fc.Arbitrary<Draw> = fc.oneof(
  fc.record({ n: fc.nat(99), x: unit, y: unit }).map(({ n, x, y }): Draw => (editor) => {
    const region = pick(editor, n);
    return region && { type: 'moveRegion', id: region.id, to: { x, y } };
  }),
  fc.record({ n: fc.nat(99), weight: fc.double({ min: 0, max: 1, noNaN: true }) }).map(({ n, weight }): Draw => (editor) => {
    const region = pick(editor, n);
    return region && { type: 'updateRegion', id: region.id, patch: { weight } };
  }),
  fc.record({ n: fc.nat(1e6), level: fc.nat(2), x: unit, y: unit }).map(({ n, level, x, y }): Draw => (editor) =>
    findRegion(editor.getState().layout, `x${n}`)
      ? undefined
      : { type: 'addRegion', level, region: { kind: 'gaussian', id: `x${n}`, center: { x, y }, weight: 1, covariance: [0.02, 0.001, 0.03] } },
  ),
  fc.nat(99).map((n): Draw => (editor) => {
    const region = pick(editor, n);
    return region && { type: 'removeRegion', id: region.id };
  }),
  fc.record({ n: fc.nat(99), m: fc.nat(99), x: unit, y: unit }).map(({ n, m, x, y }): Draw => (editor) => {
    const [one, other] = [pick(editor, n), pick(editor, m)];
    return one && other && { type: 'moveRegions', ids: [one.id, other.id], by: { x: x - 0.5, y: y - 0.5 } };
  }),
  fc.record({ n: fc.nat(99), locked: fc.boolean() }).map(({ n, locked }): Draw => (editor) => {
    const region = pick(editor, n);
    return region && { type: 'setLocked', ids: [region.id], locked };
  }),
  fc.record({ n: fc.nat(99), style: fc.option(latentArbitrary, { nil: undefined }) }).map(({ n, style }): Draw => (editor) => {
    const region = pick(editor, n);
    return region && { type: 'restyleRegion', id: region.id, ...(style && { style }) };
  }),
  latentArbitrary.map((latent): Draw => () => ({ type: 'setLatent', latent })),
  fc.nat(1e4).map((seed): Draw => () => ({ type: 'setLayout', layout: fakeLayout(seed) })),
  fc.nat(1e4).map((seed): Draw => () => ({ type: 'setNoise', noise: seed % 2 ? { seed } : 'none' })),
  fc.double({ min: 0, max: 1.5, noNaN: true }).map((psi): Draw => () => ({ type: 'setTruncation', psi })),
  fc.option(fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 3, maxLength: 3 }), { nil: undefined }).map((label): Draw => () => ({ type: 'setLabel', label })),
  fc.nat(1e4).map((seed): Draw => () => ({ type: 'reset', layout: fakeLayout(seed) })),
  fc.nat(1e4).map((seed): Draw => () => ({ type: 'setDocument', document: createDocument(fakeLayout(seed), { kind: 'seed', seed }) })),
);
