import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { metricProgress } from '../src/metrics/metricProgress.js';
import { progressPace } from '../src/progressPace.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

it('a line is due after three seconds, and then every three', () => {
  const due = progressPace();
  const at = (ms: number): boolean => (vi.advanceTimersByTime(ms), due());
  expect([at(0), at(2999), at(1), at(0), at(2999), at(5000), at(2999), at(1)]).toEqual([false, false, true, false, false, true, false, true]);
});

it('metrics say how far a stage is at that pace', () => {
  const lines: string[] = [];
  const report = metricProgress((line) => void lines.push(line));
  for (let i = 1; i <= 4; i++) {
    vi.advanceTimersByTime(2000);
    report({ stage: 'kid', fraction: i / 5, elapsedMs: i * 2000, etaMs: i === 2 ? null : 61_000 });
  }
  expect(lines).toEqual(['kid: 40 %', expect.stringMatching(/^kid: 80 %, 1.*left$/)]);
});
