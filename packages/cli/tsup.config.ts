import { cp } from 'node:fs/promises';
import { library } from '@spatialgan-internal/config/tsup';

export default library({
  entry: ['src/index.ts', 'src/main.ts', 'src/serverThread.ts', 'src/trainThread.ts'],
  // The bundled model travels with the package.
  onSuccess: () => cp('../../models', 'dist/models', { recursive: true, force: true }),
});
