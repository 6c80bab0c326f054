import { createRuntime } from '@spatialgan/backends';
import { cpu } from '@spatialgan/backends/cpu';
import { wasm } from '@spatialgan/backends/wasm';
import type { TrainerPlugin } from '@spatialgan/core';
import { createSquareTrainer } from './squareTrainer.js';

const log: TrainerPlugin = {
  name: 'log',
  onTick({ step, stats }) {
    const losses = Object.entries(stats).filter(([name]) => name.startsWith('Loss/'));
    console.log(`step ${step}: ${losses.map(([name, value]) => `${name.slice(5)} ${value.toFixed(3)}`).join(', ')}`);
  },
};

await createRuntime({ prefer: [wasm(), cpu()] });
const trainer = createSquareTrainer([log]);
const { reason, kimg } = await trainer.run({ kimg: 0.048 });
console.log(`${reason} after ${Math.round(kimg * 1000)} images`);
trainer.dispose();
