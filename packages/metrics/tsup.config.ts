import { library } from '@spatialgan-internal/config/tsup';

export default library({ entry: { index: 'src/index.ts', inception: 'src/inception/index.ts', small: 'src/small/index.ts', node: 'src/node.ts' } });
