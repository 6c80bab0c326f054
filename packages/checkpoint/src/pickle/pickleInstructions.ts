import { refusePickle } from './pickleBudget.js';
import { buildState, type PickleMachine } from './pickleMachine.js';
import { decimalOf, floatOf, latinOf, quotedOf, rawUnicodeOf, signedOf, textOf } from './pickleText.js';

type Instruction = (m: PickleMachine) => void;

const maxWord = 4096;
const wordOf = (m: PickleMachine): string => latinOf(m.line(maxWord));
const longLine = (m: PickleMachine): Uint8Array => m.line(m.rules.budget.limits.maxTextBytes);
const signed32 = (value: number): number => value | 0;
const damaged = (what: string): never => refusePickle(`${what}; the file is damaged`);

const constant = (value: unknown): Instruction => (m) => m.push(value);
const container = (make: () => unknown): Instruction => (m) => {
  m.rules.budget.spend('containers');
  m.push(make());
};
const text = (lengthBytes: number): Instruction => (m) => m.push(textOf(m.take(m.uint(lengthBytes)), m.rules.budget));
const bytes = (lengthBytes: number): Instruction => (m) => m.push(m.take(m.uint(lengthBytes)));
/** A byte string of Python 2: text, as names and numbers are all that is read of it. */
const oldString = (lengthBytes: number): Instruction => (m) => {
  const value = m.take(lengthBytes === 4 ? signed32(m.uint(4)) >>> 0 : m.uint(lengthBytes));
  if (value.length > m.rules.budget.limits.maxTextBytes) refusePickle(`a text of ${value.length} bytes`);
  m.push(latinOf(value));
};
const put = (index: (m: PickleMachine) => number): Instruction => (m) => void m.memo.set(index(m), m.peek());
const get = (index: (m: PickleMachine) => number): Instruction => (m) => {
  const key = index(m);
  if (!m.memo.has(key)) damaged(`it refers to value ${key}, which is not there`);
  m.push(m.memo.get(key));
};
const indexOfLine = (m: PickleMachine): number => Number(decimalOf(m.line(32)));
const tuple = (length: number): Instruction => (m) => {
  m.rules.budget.spend('containers');
  const items = Array.from({ length }, () => m.pop()).reverse();
  m.push(items);
};

function setItems(m: PickleMachine, items: readonly unknown[]): void {
  const target = m.peek();
  if (!(target instanceof Map) || items.length % 2 !== 0) return damaged('entries are given to what is no dict');
  for (let i = 0; i < items.length; i += 2) target.set(items[i], items[i + 1]);
}

function append(m: PickleMachine, items: readonly unknown[]): void {
  const target = m.peek();
  if (!Array.isArray(target)) return damaged('items are given to what is no list');
  for (const item of items) target.push(item);
}

function addItems(m: PickleMachine): void {
  const items = m.popMark();
  const target = m.peek();
  if (!(target instanceof Set)) return damaged('items are given to what is no set');
  for (const item of items) target.add(item);
}

function dictOf(m: PickleMachine): void {
  const items = m.popMark();
  m.rules.budget.spend('containers');
  m.push(new Map());
  setItems(m, items);
}

function persistent(m: PickleMachine, id: unknown): void {
  const { persistentLoad } = m.rules;
  m.push(persistentLoad ? persistentLoad(id) : damaged('it refers to data outside the file'));
}

function newObjectWithNames(m: PickleMachine): void {
  const names = m.pop();
  const args = m.pop();
  if (!(names instanceof Map) || names.size > 0) damaged('an object is made with named arguments');
  m.push(m.call(m.pop(), args));
}

const reduce: Instruction = (m) => {
  const args = m.pop();
  m.push(m.call(m.pop(), args));
};

function globalOnStack(m: PickleMachine): void {
  const name = m.pop();
  const module = m.pop();
  if (typeof name !== 'string' || typeof module !== 'string') return damaged('a class without a name');
  m.push(m.find(module, name));
}

const byteIndex = (m: PickleMachine): number => m.uint(1);
const refused = (what: string): Instruction => () => refusePickle(`it uses ${what}, which checkpoints do not`);

/** Every instruction of protocols 0 to 5 but STOP, by its byte, as a letter where it has one. */
const table: readonly (readonly [string | number, Instruction])[] = /* @__PURE__ */ (() => [
  ['(', (m) => m.mark()], ['0', (m) => void m.pop()], ['1', (m) => void m.popMark()], ['2', (m) => m.push(m.peek())],
  ['I', (m) => m.push(decimalOf(m.line(128)))], ['L', (m) => m.push(decimalOf(m.line(128)))], ['F', (m) => m.push(floatOf(m.line(128)))],
  ['J', (m) => m.push(signed32(m.uint(4)))], ['K', (m) => m.push(m.uint(1))], ['M', (m) => m.push(m.uint(2))],
  [0x8a, (m) => m.push(signedOf(m.take(m.uint(1))))], [0x8b, (m) => m.push(signedOf(m.take(m.uint(4))))],
  ['G', (m) => { const b = m.take(8); m.push(new DataView(b.buffer, b.byteOffset).getFloat64(0)); }],
  ['N', constant(null)], [0x88, constant(true)], [0x89, constant(false)],
  ['S', (m) => m.push(quotedOf(longLine(m)))], ['T', oldString(4)], ['U', oldString(1)],
  ['V', (m) => m.push(rawUnicodeOf(longLine(m)))], ['X', text(4)], [0x8c, text(1)], [0x8d, text(8)],
  ['B', bytes(4)], ['C', bytes(1)], [0x8e, bytes(8)], [0x96, bytes(8)],
  [']', container(() => [])], ['}', container(() => new Map())], [')', container(() => [])], [0x8f, container(() => new Set())],
  ['t', (m) => { m.rules.budget.spend('containers'); m.push(m.popMark()); }], ['l', (m) => { m.rules.budget.spend('containers'); m.push(m.popMark()); }],
  [0x85, tuple(1)], [0x86, tuple(2)], [0x87, tuple(3)], ['d', dictOf],
  [0x91, (m) => { m.rules.budget.spend('containers'); m.push(new Set(m.popMark())); }], [0x90, addItems],
  ['a', (m) => { const item = m.pop(); append(m, [item]); }], ['e', (m) => append(m, m.popMark())],
  ['s', (m) => { const value = m.pop(); const key = m.pop(); setItems(m, [key, value]); }], ['u', (m) => setItems(m, m.popMark())],
  ['p', put(indexOfLine)], ['q', put(byteIndex)], ['r', put((m) => m.uint(4))], [0x94, put((m) => m.memo.size)],
  ['g', get(indexOfLine)], ['h', get(byteIndex)], ['j', get((m) => m.uint(4))],
  ['c', (m) => { const module = wordOf(m); m.push(m.find(module, wordOf(m))); }], [0x93, globalOnStack],
  ['R', reduce], [0x81, reduce], [0x92, newObjectWithNames],
  ['i', (m) => { const module = wordOf(m); const made = m.find(module, wordOf(m)); m.push(m.call(made, m.popMark())); }],
  ['o', (m) => { const [made, ...args] = m.popMark(); m.push(m.call(made, args)); }],
  ['b', (m) => { const state = m.pop(); buildState(m.peek(), state); }],
  ['P', (m) => persistent(m, wordOf(m))], ['Q', (m) => persistent(m, m.pop())],
  [0x80, (m) => { const protocol = m.uint(1); if (protocol > 5) refusePickle(`expected protocol 0 to 5, got ${protocol}`); }],
  [0x95, (m) => void m.uint(8)],
  [0x82, refused('the registry of extensions')], [0x83, refused('the registry of extensions')], [0x84, refused('the registry of extensions')],
  [0x97, refused('buffers outside the file')], [0x98, refused('buffers outside the file')],
] as const)();

/** The instructions by byte. */
export const pickleInstructions: ReadonlyMap<number, Instruction> = /* @__PURE__ */ (() => new Map(
  table.map(([letter, run]) => [typeof letter === 'number' ? letter : letter.charCodeAt(0), run]),
))();
