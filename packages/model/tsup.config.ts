import { library } from '@spatialgan-internal/config/tsup';

export default library({
  entry: {
    index: 'src/index.ts', worker: 'src/worker.ts', workerClient: 'src/workerClient.ts', recovery: 'src/recovery.ts',
    http: 'src/http/index.ts', store: 'src/store/index.ts', projection: 'src/projection/index.ts', onnx: 'src/onnx/index.ts',
  },
});
