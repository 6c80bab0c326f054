import { library } from '@spatialgan-internal/config/tsup';

const entries = ['index', 'auto', 'cpu', 'wasm', 'webgpu', 'webgl', 'node', 'nodeGpu'].map((name) => [name, `src/${name}.ts`] as const);

export default library({ entry: { ...Object.fromEntries(entries), plan: 'src/plan/index.ts' } });
