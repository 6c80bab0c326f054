// Plain browser code: nothing here is built.
import * as ort from './ort/ort.wasm.min.mjs';

const FIELDS = 6; // x, y, σxx, σxy, σyy, weight
const canvas = document.querySelector('#image');
const facts = document.querySelector('#facts');
const psi = document.querySelector('#psi');

ort.env.wasm.wasmPaths = new URL('./ort/', import.meta.url).href;
ort.env.wasm.numThreads = 1;

const { regions: start, zDim, side } = await (await fetch('./start.json')).json();
const session = await ort.InferenceSession.create('./faces.onnx', { executionProviders: ['wasm'] });
canvas.width = canvas.height = side;
const context = canvas.getContext('2d');

const regions = Float32Array.from(start);
let z = new Float32Array(zDim);
let running = false;
let asked = false;

/** N(0, 1) numbers, so that every click is another face. */
function newFace() {
  z = Float32Array.from({ length: zDim }, () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random()));
}

/** Draws the newest state; while an image is being made, only the last wish counts. */
async function draw() {
  asked = true;
  if (running) return;
  running = true;
  while (asked) {
    asked = false;
    const began = performance.now();
    const { image } = await session.run({
      z: new ort.Tensor('float32', z, [1, zDim]),
      psi: new ort.Tensor('float32', [Number(psi.value)], [1]),
      regions: new ort.Tensor('float32', regions, [1, regions.length / FIELDS, FIELDS]),
    });
    const pixels = context.createImageData(side, side);
    for (let i = 0; i < side * side; i++) {
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = (image.data[3 * i + c] + 1) * 127.5;
      pixels.data[4 * i + 3] = 255;
    }
    context.putImageData(pixels, 0, 0);
    facts.value = `${(performance.now() - began).toFixed(0)} ms an image`;
    canvas.dataset.x = regions[0].toFixed(3);
  }
  running = false;
}

/** Moves all regions so that the first, the whole object's, lies at (x, y). */
function moveTo(x, y) {
  const [dx, dy] = [x - regions[0], y - regions[1]];
  for (let i = 0; i < regions.length; i += FIELDS) {
    regions[i] += dx;
    regions[i + 1] += dy;
  }
  void draw();
}

const within = (value) => Math.min(0.9, Math.max(0.1, value));
const follow = (event) => {
  const box = canvas.getBoundingClientRect();
  moveTo(within((event.clientX - box.left) / box.width), within((event.clientY - box.top) / box.height));
};
canvas.addEventListener('pointerdown', (event) => {
  canvas.setPointerCapture(event.pointerId);
  follow(event);
});
canvas.addEventListener('pointermove', (event) => event.buttons > 0 && follow(event));
canvas.addEventListener('keydown', (event) => {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (!step) return;
  event.preventDefault();
  moveTo(within(regions[0] + step[0] * 0.05), within(regions[1] + step[1] * 0.05));
});
document.querySelector('#face').addEventListener('click', () => {
  newFace();
  void draw();
});
psi.addEventListener('input', () => void draw());
newFace();
await draw();
document.body.dataset.ready = 'true';
