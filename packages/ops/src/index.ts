export { activate, type Activation, defaultGain, LRELU_ALPHA } from './activations.js';
export { type AdamAttrs, type AdamOptions, type AdamResult, type AdamState, adamStep, adamSteps } from './adamStep.js';
export { biasAct, type BiasActAttrs, type BiasActOptions } from './biasAct.js';
export type { BiasLreluAttrs } from './biasLrelu.js';
export { clamp } from './clamp.js';
export { conv2d, type Conv2dOptions, type ConvPadding, convTranspose2d, type ConvTranspose2dOptions } from './conv2d.js';
export { conv2dResample, type Conv2dResampleOptions, enlargement, grownPadding } from './conv2dResample.js';
export {
  convLayer, type ConvLayerConfig, type ConvLayerOptions, type ConvLayerParams, initConvLayer,
} from './convLayer.js';
export { plainConv2d, plainFilterGrad, plainInputGrad } from './convPlain.js';
export type { SizedConvAttrs } from './convOps.js';
export {
  fullyConnected, type FullyConnectedConfig, type FullyConnectedOptions, type FullyConnectedParams, initFullyConnected,
} from './fullyConnected.js';
export { replaceKernel } from './fusedOp.js';
export { gridSample } from './gridSample.js';
export { instanceNorm, type InstanceNormOptions } from './instanceNorm.js';
export {
  ADAM_STEP, ADAM_STEPS, BIAS_ACT, BIAS_LRELU, BIAS_LRELU_GRAD, COLUMN_SUM, CONV2D, CONV2D_FILTER_GRAD, CONV2D_INPUT_GRAD, CONV2D_LRELU, CONV2D_STYLED, type ConvAttrs, DEMODULATION, DEMODULATION_GRAD, GATHER_ROWS, LRELU, LRELU_BIAS_GRAD, LRELU_GRAD, MINIBATCH_STD, MINIBATCH_STD_GRAD, MODULATED_CONV2D,
  MOVING_AVERAGE, MOVING_AVERAGES, RESIZE, RESIZE_GRAD, SCALE_CHANNELS, SCALE_CHANNELS_GRAD, SCATTER_ROWS, SEL_MODULATE, SEL_MODULATE_GRAD, SPATIAL_SUM, STYLED_ACTIVATION, STYLED_ACTIVATION_GRAD, UPFIRDN2D,
} from './kernelNames.js';
export { minibatchStd, type MinibatchStdAttrs, type MinibatchStdOptions } from './minibatchStd.js';
export { modulatedConv2d, type ModulatedConv2dOptions, type ModulatedConvAttrs } from './modulatedConv2d.js';
export { demodulation, DEMODULATION_EPSILON, scaleChannels } from './modulation.js';
export { movingAverage, movingAverages } from './movingAverage.js';
export { normalize2ndMoment } from './normalize2ndMoment.js';
export { registerGradients } from './registerGradients.js';
export { downsample2d, filter2d, type Resample2dOptions, upsample2d } from './resample2d.js';
export { resizeBilinear } from './resizeBilinear.js';
export { gatherRows, scatterRows } from './rows.js';
export { selModulate } from './selModulate.js';
export { DEFAULT_FIR, type FilterTaps, setupFilter, type SetupFilterOptions } from './setupFilter.js';
export { styledActivation, type StyledActivationOptions } from './styledActivation.js';
export { type Fir, type FirFactor, type FirPadding, upfirdn2d, type Upfirdn2dOptions } from './upfirdn2d.js';
export { plainUpfirdn2d, type UpfirdnAttrs, upfirdnSize } from './upfirdnPlain.js';
