import { library } from '@spatialgan-internal/config/tsup';

// vite has cleaned the folder and put the page there.
export default library({ clean: false });
