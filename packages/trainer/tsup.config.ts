import { library } from '@spatialgan-internal/config/tsup';

export default library({ entry: { index: 'src/index.ts', 'losses/index': 'src/losses/index.ts', 'conformance/index': 'src/conformance/index.ts' } });
