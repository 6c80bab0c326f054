/**
 * Names under which a backend may register a fast kernel (`registerKernel({ kernelName, backendName, kernelFunc })`).
 *
 * Model code never changes when one appears: an op asks the registry of the active backend and runs its plain
 * composite when nothing is there. Inputs, attributes and outputs of every name are stated beside its op.
 */

/** conv2d: inputs `x` [N,H,W,I], `filter` [kh,kw,I,O]; attrs {@link ConvAttrs}; output [N,h,w,O]. */
export const CONV2D = 'SpatialganConv2d';
/** Gradient of conv2d with respect to x: inputs `dy` [N,h,w,O], `filter` [kh,kw,I,O]; attrs {@link ConvAttrs} and `size` [H,W]; output [N,H,W,I]. */
export const CONV2D_INPUT_GRAD = 'SpatialganConv2dInputGrad';
/** Gradient of conv2d with respect to the filter: inputs `x` [N,H,W,I], `dy` [N,h,w,O]; attrs {@link ConvAttrs} and `size` [kh,kw]; output [kh,kw,I,O]. */
export const CONV2D_FILTER_GRAD = 'SpatialganConv2dFilterGrad';
/**
 * conv2d, a bias and relu or lrelu: inputs `x`, `filter`, optionally `b` [O]; attrs {@link ConvAttrs}, `withBias` and BiasLreluAttrs with gain > 0, alpha ≥ 0 and
 * no clamp, so that the result's sign tells the slope; output [N,h,w,O].
 */
export const CONV2D_LRELU = 'SpatialganConv2dLrelu';
/** First-order gradient of what CONV2D_LRELU does after the convolution: inputs `dy`, its result `y`; attrs BiasLreluAttrs; outputs those of the convolution and of b. No gradient. */
export const LRELU_BIAS_GRAD = 'SpatialganLreluBiasGrad';
/**
 * conv2d between a scaling of its input and a styledActivation: inputs `x`, `filter`, optionally `styles` [N,I] (stride 1 only), `scale` [N,O], `noise`
 * [N,h,w,1] or [1,h,w,1], `b` [O]; attrs {@link ConvAttrs} and BiasLreluAttrs; output [N,h,w,O]. Runs only where no tape is on. No gradient.
 */
export const CONV2D_STYLED = 'SpatialganConv2dStyled';
/** upfirdn2d: inputs `x` [N,H,W,C], `f` [fh,fw]; attrs UpfirdnAttrs; output [N,h,w,C]. */
export const UPFIRDN2D = 'SpatialganUpfirdn2d';
/** biasAct: inputs `x`, optionally `b` [C]; attrs BiasActAttrs; output like x. */
export const BIAS_ACT = 'SpatialganBiasAct';
/** biasAct with relu or lrelu along the last axis: inputs `x`, `b` [C]; attrs BiasLreluAttrs; output like x. */
export const BIAS_LRELU = 'SpatialganBiasLrelu';
/** Gradient of BIAS_LRELU with respect to x: inputs `dy`, `x`, `b`; attrs BiasLreluAttrs; output like x. */
export const BIAS_LRELU_GRAD = 'SpatialganBiasLreluGrad';
/** BIAS_LRELU without a bias: input `x`. */
export const LRELU = 'SpatialganLrelu';
/** BIAS_LRELU_GRAD without a bias: inputs `dy`, `x`. */
export const LRELU_GRAD = 'SpatialganLreluGrad';
/**
 * styledActivation, clamp(lrelu(x·scale + noise + b)·gain): inputs `x` [N,h,w,C], optionally `scale` [N,C], `noise` [N,h,w,1] or [1,h,w,1],
 * `b` [C]; attrs BiasLreluAttrs; output like x.
 */
export const STYLED_ACTIVATION = 'SpatialganStyledActivation';
/**
 * First-order gradient of STYLED_ACTIVATION: inputs `dy` and those of the op; attrs the same; outputs those of x and of each given one of scale,
 * noise (of its shape: summed over the samples that share it) and b. Without scale and noise also that of BIAS_LRELU, x of any rank [..,C].
 * No gradient.
 */
export const STYLED_ACTIVATION_GRAD = 'SpatialganStyledActivationGrad';
/**
 * modulatedConv2d with what follows it: inputs `x` [N,h,w,I], `weight` [kh,kw,I,O], `styles` [N,I] or [N,h,w,I], optionally `noise`
 * [N,H,W,1] or [1,H,W,1], `b` [O] and `f`; attrs ModulatedConvAttrs; output [N,H,W,O]. Runs only where no tape is on, with
 * down 1, no negative padding, and a filter f where up is above 1; the composite does the rest. No gradient.
 */
export const MODULATED_CONV2D = 'SpatialganModulatedConv2d';
/** scaleChannels: inputs `x` [N,h,w,C], `scale` [N,C]; output like x. */
export const SCALE_CHANNELS = 'SpatialganScaleChannels';
/** First-order gradient of SCALE_CHANNELS: inputs `x`, `scale`, `dy`; outputs those of x and scale. No gradient. */
export const SCALE_CHANNELS_GRAD = 'SpatialganScaleChannelsGrad';
/** demodulation: inputs `weight` [kh,kw,I,O], `styles` [N,I]; attrs `epsilon`; output [N,O]. */
export const DEMODULATION = 'SpatialganDemodulation';
/** First-order gradient of DEMODULATION: inputs `weight`, `styles`, `dy`; attrs `epsilon`; outputs those of weight and styles. No gradient. */
export const DEMODULATION_GRAD = 'SpatialganDemodulationGrad';
/** selModulate: inputs `x` [N,h,w,C], `scale` and `shift` [N,h,w,1]; attrs `epsilon`; output like x. */
export const SEL_MODULATE = 'SpatialganSelModulate';
/** First-order gradient of SEL_MODULATE: inputs `x`, `scale`, `dy`; attrs `epsilon`; outputs those of x, scale and shift. No gradient. */
export const SEL_MODULATE_GRAD = 'SpatialganSelModulateGrad';
/** minibatchStd: input `x` [N,h,w,C]; attrs MinibatchStdAttrs; output [N,h,w,C+F]. */
export const MINIBATCH_STD = 'SpatialganMinibatchStd';
/** First-order gradient of MINIBATCH_STD: inputs `x`, `dy` [N,h,w,C+F]; attrs the same; outputs [that of x]. No gradient. */
export const MINIBATCH_STD_GRAD = 'SpatialganMinibatchStdGrad';
/** adamStep: inputs `param`, `grad`, `m`, `v`; attrs AdamAttrs; outputs [param, m, v]. No gradient. */
export const ADAM_STEP = 'SpatialganAdamStep';
/** adamSteps: a list of inputs, `param`, `grad`, `m`, `v` of each parameter in turn; attrs AdamAttrs; outputs [param, m, v, …]. No gradient. */
export const ADAM_STEPS = 'SpatialganAdamSteps';
/** movingAverages: a list of inputs, `average`, `now` of each tensor in turn; attrs `beta`; as many outputs as pairs. No gradient. */
export const MOVING_AVERAGES = 'SpatialganMovingAverages';
/** movingAverage: inputs `average`, `now`; attrs `beta`; output now + (average - now)·beta. No gradient. */
export const MOVING_AVERAGE = 'SpatialganMovingAverage';
/** Rows by index: inputs `x` [R,C], `indices` int32 [M]; output [M,C]. */
export const GATHER_ROWS = 'SpatialganGatherRows';
/** Sum of rows by index: inputs `x` [M,C], `indices` int32 [M]; attrs `rows` R; output [R,C]. */
export const SCATTER_ROWS = 'SpatialganScatterRows';
/** Sum over pixels: input `x` [N,h,w,C]; attrs `shape` of x; output [N,1,1,C]. */
export const SPATIAL_SUM = 'SpatialganSpatialSum';
/** Sum over all axes but the last: input `x` [..,C]; attrs `shape` of x; output [C]. */
export const COLUMN_SUM = 'SpatialganColumnSum';
/** Bilinear resizing with aligned corners: input `x` [N,H,W,C]; attrs `size` [h,w] and `from` [H,W]; output [N,h,w,C]. */
export const RESIZE = 'SpatialganResize';
/** Transpose of RESIZE: input `dy` [N,h,w,C]; attrs as RESIZE; output [N,H,W,C]. */
export const RESIZE_GRAD = 'SpatialganResizeGrad';

/** Attributes of the three convolution kernels; padding is never negative. */
export interface ConvAttrs {
  readonly stride: number;
  /** [top, bottom, left, right] of x, zeros. */
  readonly padding: readonly [number, number, number, number];
}
