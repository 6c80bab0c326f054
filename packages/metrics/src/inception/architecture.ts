/** A convolution without bias, batch normalization (ε = 0.001) and ReLU; `name` as in PyTorch state dicts of this network. */
export interface ConvStep {
  readonly kind: 'conv';
  readonly name: string;
  readonly out: number;
  readonly kernel: readonly [height: number, width: number];
  readonly stride: 1 | 2;
  readonly padding: 'same' | 'valid';
}

/** A 3×3 pooling; averages leave padded places out. */
export interface PoolStep {
  readonly kind: 'pool';
  readonly of: 'average' | 'maximum';
  readonly stride: 1 | 2;
}

/** Two convolutions of the same input, side by side. */
export interface ForkStep {
  readonly kind: 'fork';
  readonly steps: readonly ConvStep[];
}

export type Step = ConvStep | PoolStep | ForkStep;

/** Branches of one input, concatenated. The stem is blocks of one branch. */
export interface Block {
  readonly name: string;
  readonly branches: readonly (readonly Step[])[];
}

type Kernel = 1 | 3 | 5 | readonly [number, number];

const conv = (name: string, out: number, kernel: Kernel = 1): ConvStep => ({
  kind: 'conv', name, out, kernel: typeof kernel === 'number' ? [kernel, kernel] : kernel, stride: 1, padding: 'same',
});
const valid = (step: ConvStep): ConvStep => ({ ...step, padding: 'valid' });
const down = (step: ConvStep): ConvStep => ({ ...step, stride: 2, padding: 'valid' });
const average: PoolStep = { kind: 'pool', of: 'average', stride: 1 };
const halve: PoolStep = { kind: 'pool', of: 'maximum', stride: 2 };
const wide = [1, 7] as const;
const tall = [7, 1] as const;

const blockA = (name: string, pooled: number): Block => ({
  name,
  branches: [
    [conv('branch1x1', 64)],
    [conv('branch5x5_1', 48), conv('branch5x5_2', 64, 5)],
    [conv('branch3x3dbl_1', 64), conv('branch3x3dbl_2', 96, 3), conv('branch3x3dbl_3', 96, 3)],
    [average, conv('branch_pool', pooled)],
  ],
});

const blockB = (name: string): Block => ({
  name,
  branches: [
    [down(conv('branch3x3', 384, 3))],
    [conv('branch3x3dbl_1', 64), conv('branch3x3dbl_2', 96, 3), down(conv('branch3x3dbl_3', 96, 3))],
    [halve],
  ],
});

const blockC = (name: string, inner: number): Block => ({
  name,
  branches: [
    [conv('branch1x1', 192)],
    [conv('branch7x7_1', inner), conv('branch7x7_2', inner, wide), conv('branch7x7_3', 192, tall)],
    [
      conv('branch7x7dbl_1', inner), conv('branch7x7dbl_2', inner, tall), conv('branch7x7dbl_3', inner, wide),
      conv('branch7x7dbl_4', inner, tall), conv('branch7x7dbl_5', 192, wide),
    ],
    [average, conv('branch_pool', 192)],
  ],
});

const blockD = (name: string): Block => ({
  name,
  branches: [
    [conv('branch3x3_1', 192), down(conv('branch3x3_2', 320, 3))],
    [conv('branch7x7x3_1', 192), conv('branch7x7x3_2', 192, wide), conv('branch7x7x3_3', 192, tall), down(conv('branch7x7x3_4', 192, 3))],
    [halve],
  ],
});

const fork = (name: string): ForkStep => ({ kind: 'fork', steps: [conv(`${name}a`, 384, [1, 3]), conv(`${name}b`, 384, [3, 1])] });

const blockE = (name: string, pool: PoolStep): Block => ({
  name,
  branches: [
    [conv('branch1x1', 320)],
    [conv('branch3x3_1', 384), fork('branch3x3_2')],
    [conv('branch3x3dbl_1', 448), conv('branch3x3dbl_2', 384, 3), fork('branch3x3dbl_3')],
    [pool, conv('branch_pool', 192)],
  ],
});

const stem = (...steps: readonly Step[]): Block => ({ name: '', branches: [steps] });

/**
 * Inception v3 (Szegedy et al. 2015) as Google's graph of 2015-12-05 has it, which FID is defined by.
 *
 * It differs from torchvision's in that averages leave padded places out, and in that the last block pools by maximum.
 */
export const inceptionBlocks: readonly Block[] = [
  stem(down(conv('Conv2d_1a_3x3', 32, 3)), valid(conv('Conv2d_2a_3x3', 32, 3)), conv('Conv2d_2b_3x3', 64, 3), halve),
  stem(valid(conv('Conv2d_3b_1x1', 80)), valid(conv('Conv2d_4a_3x3', 192, 3)), halve),
  blockA('Mixed_5b', 32),
  blockA('Mixed_5c', 64),
  blockA('Mixed_5d', 64),
  blockB('Mixed_6a'),
  blockC('Mixed_6b', 128),
  blockC('Mixed_6c', 160),
  blockC('Mixed_6d', 160),
  blockC('Mixed_6e', 192),
  blockD('Mixed_7a'),
  blockE('Mixed_7b', average),
  blockE('Mixed_7c', { kind: 'pool', of: 'maximum', stride: 1 }),
];

/** One convolution of the network. */
export interface ConvShape {
  /** State-dict prefix, e.g. `Mixed_5b.branch1x1`. */
  readonly name: string;
  /** PyTorch's [out, in, height, width]. */
  readonly shape: readonly [number, number, number, number];
}

/** Every convolution in the order of computation. */
export function inceptionConvolutions(): readonly ConvShape[] {
  const found: ConvShape[] = [];
  const channelsAfter = (block: Block, step: Step, channels: number): number => {
    if (step.kind === 'fork') return step.steps.reduce((sum, each) => sum + channelsAfter(block, each, channels), 0);
    if (step.kind === 'pool') return channels;
    found.push({ name: nameIn(block, step), shape: [step.out, channels, ...step.kernel] });
    return step.out;
  };
  inceptionBlocks.reduce(
    (channels, block) => block.branches.reduce((sum, branch) => sum + branch.reduce((c, step) => channelsAfter(block, step, c), channels), 0),
    3,
  );
  return found;
}

/** A convolution's name in the state dict. */
export const nameIn = (block: Block, step: ConvStep): string => (block.name ? `${block.name}.${step.name}` : step.name);
