// tfjs-core alone has no gradients; a user of this package has those of @tensorflow/tfjs or of @spatialgan/ops.
import { registerGradients } from '@spatialgan/ops';

registerGradients();
