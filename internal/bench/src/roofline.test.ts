import { CONV2D, CONV2D_FILTER_GRAD, CONV2D_INPUT_GRAD, CONV2D_LRELU, CONV2D_STYLED } from '@spatialgan/ops';
import { expect, it } from 'vitest';
import { workOf } from './roofline.js';

it('counts the same operations for a convolution and both its gradients, and names them by their sizes', () => {
  const [x, w, y] = [[2, 9, 9, 3], [3, 3, 3, 5], [2, 4, 4, 5]];
  const flops = 2 * (2 * 4 * 4 * 5) * (3 * 3 * 3);
  expect(workOf(CONV2D, [x, w], [y])).toEqual({ name: 'conv 3×3 stride 2, 3→5, 9×9: forward', flops, bytes: 4 * (486 + 135 + 160) });
  expect(workOf(CONV2D_LRELU, [x, w, [5]], [y])).toMatchObject({ name: 'conv 3×3 stride 2, 3→5, 9×9: forward, lrelu', flops });
  expect(workOf(CONV2D_STYLED, [x, w, [2, 3], [2, 5]], [y])).toMatchObject({ name: 'conv 3×3 stride 2, 3→5, 9×9: forward, styled', flops });
  expect(workOf(CONV2D_INPUT_GRAD, [y, w], [x])).toMatchObject({ name: 'conv 3×3 stride 2, 3→5, 9×9: by input', flops });
  expect(workOf(CONV2D_FILTER_GRAD, [x, y], [w])).toMatchObject({ name: 'conv 3×3 stride 2, 3→5, 9×9: by filter', flops });
});

it('counts a matrix product whichever side is transposed, and bytes elsewhere', () => {
  expect(workOf('BatchMatMul', [[1, 4, 6], [1, 6, 5]], [[1, 4, 5]]).flops).toBe(2 * 4 * 5 * 6);
  expect(workOf('BatchMatMul', [[1, 6, 4], [1, 6, 5]], [[1, 4, 5]]).flops).toBe(2 * 4 * 5 * 6);
  expect(workOf('SpatialganBiasLrelu', [[2, 3], [3]], [[2, 3]])).toEqual({ name: 'BiasLrelu', flops: 0, bytes: 4 * 15 });
});
