import { library } from '@spatialgan-internal/config/tsup';

export default library({
  entry: {
    index: 'src/index.ts', node: 'src/node.ts', avatars: 'src/avatars.ts', augment: 'src/augment/index.ts', rooms: 'src/rooms/index.ts', browser: 'src/browser.ts',
  },
});
