import '@tensorflow/tfjs-backend-wasm';
import { setBackend, ready, getKernelsForBackend, registerKernel, unregisterKernel, backend, sum, square } from '@tensorflow/tfjs-core';
import { registerGradients } from '@spatialgan/ops';
import { createRng, valueAndGrad, noTap } from '@spatialgan/core';
import { styleGan2Discriminator } from '@spatialgan/stylegan2';
await setBackend('wasm'); await ready(); registerGradients();
const be: any = backend();
const wasm = be.wasm;
let base = 0;
const walk = (): string | null => {
  const u32 = new Uint32Array(wasm.HEAPU8.buffer);
  if (!base) { const p = wasm._malloc(64); base = p - 4; return null; }
  let c = base; let steps = 0; let prev: string[] = [];
  while (steps++ < 100000) {
    const size = u32[c >>> 2]!;
    if (size === 0 || size % 4 || c + size > wasm.HEAPU8.length) return size === 0 || c + size > wasm.HEAPU8.length - 64 ? null : `at ${c} size ${size} prev ${prev}`;
    const ceil = u32[(c + size - 4) >>> 2]!;
    prev.push(`${c}:${size}:${ceil}`); if (prev.length > 4) prev.shift();
    if ((ceil & ~1) !== size) return c + size > wasm.HEAPU8.length - 64 ? null : `region ${c} size ${size} ceil ${ceil} (float ${new Float32Array(wasm.HEAPU8.buffer)[(c+size-4)>>>2]}) prev ${prev}`;
    if (ceil & 1) { const fd = u32[(c + 4) >>> 2]!, bk = u32[(c + 8) >>> 2]!;
      if (fd >= wasm.HEAPU8.length || bk >= wasm.HEAPU8.length || fd % 4 || bk % 4) return `free region ${c} size ${size} links ${fd} ${bk} prev ${prev}`; }
    c += size;
  }
  return null;
};
const check = (): string | null => {
  const buf = wasm.HEAPU8.buffer; const u32 = new Uint32Array(buf);
  const map = be.dataIdMap;
  const data: WeakMap<any, any> = map.data;
  for (const id of live) {
    const d = data.get(id); if (!d || d.memoryOffset == null) { continue; }
    const p = d.memoryOffset; const bytes = d.stringBytes ? 0 : d.shape.reduce((a:number,b:number)=>a*b,1)*4;
    const head = u32[(p-4)>>>2]!; const size = head & ~7;
    if (false) return `chunk of [${d.shape}] bytes ${bytes} head ${head} size ${size}`;
    const next = u32[(p-8+size+4)>>>2]!;


  }
  return null;
};
const live = new Set<any>(); const uses = new Map<any,string[]>();
const reg = be.register?.bind(be);
const origMove = be.move.bind(be), origMake = be.makeOutput.bind(be), origDisp = be.disposeData.bind(be);
be.move = (id: any, ...r: any[]) => { live.add(id); return origMove(id, ...r); };
be.disposeData = (id: any, f?: boolean) => { let x; const info = JSON.stringify({shape: be.dataIdMap.data.get(id)?.shape, id: be.dataIdMap.data.get(id)?.id, off: be.dataIdMap.data.get(id)?.memoryOffset}); try { x = origDisp(id, f); } catch (e) { console.log('DISPOSE FAIL', n, info, uses.get(id)); process.exit(1); } if (!be.dataIdMap.data.get(id)) live.delete(id); return x; };
let n = 0;
for (const k of getKernelsForBackend('wasm')) {
  unregisterKernel(k.kernelName, 'wasm');
  registerKernel({ ...k, kernelFunc: (a: any) => {
    const out = k.kernelFunc(a); n++; for (const [nm,v] of Object.entries(a.inputs) as any) if (v && v.dataId) { const l = uses.get(v.dataId) ?? []; l.push(k.kernelName+':'+nm+'['+v.shape+'] #'+n+' '+(/onv/.test(k.kernelName)?JSON.stringify(a.attrs):'')); uses.set(v.dataId,l);} { const o:any=[out].flat()[0]; uses.set(o.dataId, [...(uses.get(o.dataId)??[]), 'OUT of '+k.kernelName+' #'+n]); }
    const bad = check() ?? walk();
    if (bad) { const { inputs, attrs } = a; console.log('CORRUPT after', n, k.kernelName, bad, JSON.stringify(Object.fromEntries(Object.entries(inputs).map(([k,v]:any)=>[k, v?.shape]))), JSON.stringify(attrs), 'out', JSON.stringify((out as any).shape ?? (out as any[]).map((o:any)=>o.shape))); process.exit(1); }
    return out;
  } });
}
const model = styleGan2Discriminator({ imgResolution: 16, channelBase: 64, channelMax: 8, mapping: { numLayers: 2 } });
const params = model.init(createRng(7)); const images = createRng(8).normalTensor<any>([4,16,16,3]);
valueAndGrad(() => sum(square(model.score(params, images, noTap))) as any, params);
console.log('fine', n, live.size);
