/**
 * The label of one class of a conditional model: one-hot, as `SynthesisRequest.label` takes it.
 *
 * @param labels numbers of a label, `ModelInfo.labels`.
 * @param index the class, from 0.
 */
export const classLabel = (labels: number, index: number): number[] => Array.from({ length: labels }, (_, i) => (i === index ? 1 : 0));
