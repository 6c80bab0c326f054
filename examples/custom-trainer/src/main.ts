import { mkdir } from 'node:fs/promises';
import { createRuntime } from '@spatialgan/backends';
import { cpu } from '@spatialgan/backends/cpu';
import { wasm } from '@spatialgan/backends/wasm';
import { avatars } from '@spatialgan/data/node';
import { customTrainer } from './customTrainer.js';

const dir = process.argv[2] ?? 'custom-run';
await mkdir(dir, { recursive: true });
await createRuntime({ prefer: [wasm(), cpu()] });
const trainer = customTrainer(await avatars({ resolution: 32 }), dir);
const { kimg } = await trainer.run({ kimg: Number(process.argv[3] ?? 1) });
console.log(`kimg ${kimg}: see ${dir}/stats.jsonl, and: tensorboard --logdir ${dir}`);
trainer.dispose();
