import { library } from '@spatialgan-internal/config/tsup';

export default library({ entry: ['src/index.ts', 'src/dom.ts', 'src/element.ts', 'src/react.ts', 'src/vue.ts'] });
