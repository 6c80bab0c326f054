import type { Dtype } from '../dtypes.js';
import { refusePickle } from '../pickle/pickleBudget.js';
import { plainGlobals } from '../pickle/plainGlobals.js';
import { callable, globalsOf, isKind, type PickleGlobal, type PickleGlobals, recorded } from '../pickle/pickleValues.js';
import type { PersistentObject, TorchStorage, TorchTensor } from './torchValues.js';

const storages: Readonly<Record<string, Dtype>> = {
  FloatStorage: 'F32', HalfStorage: 'F16', BFloat16Storage: 'BF16', DoubleStorage: 'F64', LongStorage: 'I64', IntStorage: 'I32',
  ShortStorage: 'I16', CharStorage: 'I8', ByteStorage: 'U8', BoolStorage: 'BOOL', UntypedStorage: 'U8',
};

/** The element type of a storage class, by its global. */
export function storageDtype(storageClass: unknown): Dtype {
  const name = isKind<PickleGlobal>(storageClass, 'global') ? storageClass.name.replace(/^.*\./, '') : '';
  return Object.hasOwn(storages, name) ? storages[name]! : refusePickle('a storage of no known type; the file is damaged');
}

const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isSizes = (value: unknown): value is readonly number[] => Array.isArray(value) && value.length <= 8 && value.every(isSize);

function tensor([storage, offset, shape, strides]: readonly unknown[]): TorchTensor {
  const right = isKind<TorchStorage>(storage, 'storage') && isSize(offset) && isSizes(shape) && isSizes(strides) && shape.length === strides.length;
  if (!right) return refusePickle('a tensor without storage, shape or strides; the file is damaged');
  return { kind: 'tensor', storage, offset, shape: [...shape], strides: [...strides] };
}

function parameter([data]: readonly unknown[]): TorchTensor {
  return isKind<TorchTensor>(data, 'tensor') ? data : refusePickle('a parameter of what is no tensor; the file is damaged');
}

/** A subclass of Tensor: what it is made of. */
function derived([make, , args]: readonly unknown[], budget: Parameters<PickleGlobal['call']>[1]): unknown {
  const known = isKind<PickleGlobal>(make, 'global') && /^torch\._utils\._rebuild_(tensor|parameter)/.test(make.name) && Array.isArray(args);
  return known ? make.call(args as unknown[], budget) : refusePickle('a tensor made in an unknown way');
}

function persistentObject([meta]: readonly unknown[]): PersistentObject {
  const given = meta instanceof Map ? (meta as Map<unknown, unknown>) : new Map<unknown, unknown>();
  const [className, moduleSource, state] = ['class_name', 'module_src', 'state'].map((key) => given.get(key));
  if (given.get('type') !== 'class' || typeof className !== 'string' || !(state instanceof Map)) {
    return refusePickle('a persistent object without class or state; the file is damaged');
  }
  const args: unknown = state.get('_init_args');
  const kwargs: unknown = state.get('_init_kwargs');
  return {
    kind: 'persistent', className, moduleSource: typeof moduleSource === 'string' ? moduleSource : '',
    initArgs: Array.isArray(args) ? args : [], initKwargs: kwargs instanceof Map ? kwargs : new Map(), state,
  };
}

const modules: Readonly<Record<string, readonly string[]>> = {
  container: ['Sequential', 'ModuleList', 'ModuleDict'], instancenorm: ['InstanceNorm2d'], linear: ['Linear', 'Identity'], conv: ['Conv2d'],
  activation: ['LeakyReLU', 'ReLU', 'Sigmoid', 'Tanh'], pooling: ['AvgPool2d'], upsampling: ['Upsample'],
};
const dtypes = ['float32', 'float64', 'float16', 'bfloat16', 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool', 'float', 'double', 'half', 'long', 'int'];

/** What PyTorch's and NVIDIA's files name besides Python's and numpy's plain classes. `loadBytes` reads a stream inside a stream. */
export function torchGlobals(loadBytes?: PickleGlobal['call']): PickleGlobals {
  const torch = globalsOf(
    ...Object.keys(storages).flatMap((name) => ['torch', 'torch.storage', 'torch.cuda'].map((module) => recorded(`${module}.${name}`))),
    ...['_rebuild_tensor', '_rebuild_tensor_v2'].map((name) => callable(`torch._utils.${name}`, tensor)),
    ...['_rebuild_parameter', '_rebuild_parameter_with_state'].map((name) => callable(`torch._utils.${name}`, parameter)),
    callable('torch._tensor._rebuild_from_type_v2', derived), callable('torch._tensor._rebuild_from_type', derived),
    callable('torch.Size', ([sizes]) => (isSizes(sizes) ? sizes : refusePickle('a torch.Size of no sizes; the file is damaged'))),
    callable('torch_utils.persistence._reconstruct_persistent_obj', persistentObject),
    ...['torch.device', 'torch.serialization._get_layout', 'torch.Tensor', 'torch.nn.parameter.Parameter', ...dtypes.map((name) => `torch.${name}`)].map(recorded),
    ...Object.entries(modules).flatMap(([file, names]) => names.map((name) => recorded(`torch.nn.modules.${file}.${name}`))),
    ...(loadBytes ? [callable('torch.storage._load_from_bytes', loadBytes)] : []),
  );
  return new Map([...plainGlobals, ...torch]);
}

/** What to do about a global that is refused, where that is known. */
export function globalHint(name: string): string | undefined {
  if (/^dnnlib\.tflib\.|^tensorflow\./.test(name)) return "This is a TensorFlow network: turn it into PyTorch's with stylegan2-ada-pytorch's legacy.py first";
  if (/^(__main__|model|models|training|networks)\./.test(name)) return 'The file holds a whole Python object; save its state_dict() instead';
  return undefined;
}
