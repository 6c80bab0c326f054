import { library } from '@spatialgan-internal/config/tsup';

export default library({ entry: { index: 'src/index.ts', webm: 'src/webm/index.ts' } });
