import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { UpfirdnAttrs } from '@spatialgan/ops';
import type { WasmHeap } from './heap.js';
import { type BandPlan, bandPlan, type Call, type RowsPlan, rowsPlan } from './upfirdnPlans.js';

/** Bytes of the rows that a task reads and, filtered along, keeps. */
const BAND_BYTES = 192 * 1024;
/** Entries of the outputs that one task computes. */
const CHUNK = 8192;
/** Plans that a heap remembers; a network has some dozens. */
const PLANS = 256;

type Plan = RowsPlan | BandPlan;
const plans = new WeakMap<WasmHeap, Map<string, Plan>>();

function plannedOnce(heap: WasmHeap, x: TensorInfo, f: TensorInfo, attrs: UpfirdnAttrs): Plan {
  const values = [...heap.floats(f)];
  const { up, down, padding, correlate, gain } = attrs;
  const key = [x.shape.slice(1), f.shape, values, up, down, padding, correlate, gain].join(';');
  const known = plans.get(heap) ?? new Map<string, Plan>();
  plans.set(heap, known);
  let plan = known.get(key);
  if (!plan) {
    if (known.size >= PLANS) known.clear();
    const turned = correlate ? values : [...values].reverse();
    const call: Call = { xShape: x.shape, fShape: f.shape, attrs };
    known.set(key, (plan = f.shape.length === 1 ? rowsPlan(turned, call) : bandPlan(turned, call)));
  }
  return plan;
}

/** upfirdn2d; zeros put in by `up` are never multiplied. */
export function upfirdn2dForward(heap: WasmHeap, x: TensorInfo, f: TensorInfo, attrs: UpfirdnAttrs): TensorInfo {
  const plan = heap.keep([f], () => plannedOnce(heap, x, f, attrs));
  const out = heap.output([x.shape[0]!, ...plan.size, x.shape[3]!]);
  if (plan.kind === 'rows') byRows(heap, { x, f, out, attrs }, plan);
  else byBands(heap, { x, f, out, attrs }, plan);
  return out;
}

interface Filtering {
  readonly x: TensorInfo;
  readonly f: TensorInfo;
  readonly out: TensorInfo;
  readonly attrs: UpfirdnAttrs;
}

function byRows(heap: WasmHeap, { x, f, out, attrs: { up, down, padding } }: Filtering, { table, colCount, rowWeights, rowTaps, left, width, size: [h, w] }: RowsPlan): void {
  const [N, H, W, C] = x.shape as [number, number, number, number];
  const chunk = Math.ceil(CHUNK / (w * C));
  const slot = (rowTaps * 8 + width * C * 4 + 16 + 16 + 63) & ~63;
  const [at] = heap.prepare([f], [table.byteLength], ([to]) => heap.write(to!, table)) as [number];
  const [scratch] = heap.scratch(slot * heap.threads) as [number];
  heap.run('firRows', Math.ceil((N * h) / chunk), [
    heap.address(x), H, W, C, heap.address(out), N * h, h, w, at, colCount, at + rowWeights, rowTaps,
    up[0], up[1], down[0], down[1], padding[0], left, width, chunk, scratch, slot,
  ]);
}

function byBands(heap: WasmHeap, { x, f, out, attrs: { up, down } }: Filtering, plan: BandPlan): void {
  const { table, rowCount, colCount, top, left, span, width, size: [h, w], most } = plan;
  const [N, H, W, C] = x.shape as [number, number, number, number];
  const perRow = width * C * 4;
  const fitting = Math.max(1, Math.floor((BAND_BYTES / perRow - span) / down[0]) + 1);
  const shares = Math.max(Math.ceil(most / fitting), N < 4 ? Math.ceil(4 / N) : 1);
  const bandRows = Math.ceil(most / shares);
  const bands = Math.ceil(most / bandRows);
  const slot = (((bandRows - 1) * down[0] + span) * perRow + 127) & ~63;
  const [at] = heap.prepare([f], [table.byteLength], ([to]) => heap.write(to!, table)) as [number];
  const [scratch] = heap.scratch(slot * heap.threads) as [number];
  heap.run('firBand', N * bands, [
    heap.address(x), H, W, C, top, left, span, width, heap.address(out), h, w,
    at, rowCount, colCount, up[0], up[1], down[0], down[1], bands, bandRows, scratch, slot,
  ]);
}
