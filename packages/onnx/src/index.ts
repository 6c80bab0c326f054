export { exportableKernels, exportOnnx, type OnnxExport, OPSET } from './exportOnnx.js';
