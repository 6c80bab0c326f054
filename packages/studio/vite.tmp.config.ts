import base from './vite.config.js';
export default { ...base, resolve: { ...base.resolve, alias: [{find:/^@spatialgan\/backends$/, replacement:'/tmp/stub/index.ts'},{find:'@spatialgan/backends/webgpu', replacement:'/tmp/stub/webgpu.ts'}] } };
