import { library } from '@spatialgan-internal/config/tsup';

export default library({ entry: ['src/index.ts', 'src/runtimeConformance.ts'] });
