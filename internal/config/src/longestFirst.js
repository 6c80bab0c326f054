import { relative, sep } from 'node:path';
import { BaseSequencer } from 'vitest/node';

/**
 * The test files that take longest on the two workers of CI, longest first. Started last, one of them alone would keep one worker busy after the
 * other has nothing left to do.
 */
export const longest = [
  'internal/test-kit/src/sameCurve/inChromium.test.ts',
  'internal/test-kit/src/sameCurve/inNode.test.ts',
  'packages/cli/test/manyKills.test.ts',
  'packages/cli/test/workers.test.ts',
  'packages/cli/test/killAndResume.test.ts',
  'examples/train-in-browser/src/page.test.ts',
];

/** vitest's order, project after project, but for the longest files. */
export class LongestFirst extends BaseSequencer {
  /**
   * @override
   * @param {import('vitest/node').TestSpecification[]} files
   */
  async sort(files) {
    const place = (/** @type {import('vitest/node').TestSpecification} */ { moduleId }) => {
      const at = longest.indexOf(relative(this.ctx.config.root, moduleId).split(sep).join('/'));
      return at < 0 ? longest.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
