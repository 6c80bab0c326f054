import { library } from '@spatialgan-internal/config/tsup';

export default library({
  entry: ['index', 'auto', 'cpu', 'wasm', 'webgpu', 'webgl', 'node', 'nodeGpu'].map((name) => `src/${name}.ts`),
});
