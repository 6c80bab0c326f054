import { library } from '@spatialgan-internal/config/tsup';

export default library();
