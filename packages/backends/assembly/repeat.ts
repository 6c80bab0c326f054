/** Repeats each of `outer` blocks of `inner` numbers `reps` times. */
export function repeatBlocks(x: usize, out: usize, outer: i32, inner: i32, reps: i32): void {
  const bytes = <usize>inner << 2;
  for (let o = 0; o < outer; o++) {
    if (inner == 1) {
      const v = v128.load32_splat(x);
      let r = reps;
      for (; r >= 4; r -= 4) {
        v128.store(out, v);
        out += 16;
      }
      for (; r > 0; r--) {
        f32.store(out, f32.load(x));
        out += 4;
      }
    } else if (inner < 512) {
      for (let r = 0; r < reps; r++) {
        let i: usize = 0;
        for (; i + 16 <= bytes; i += 16) v128.store(out + i, v128.load(x + i));
        for (; i < bytes; i += 4) f32.store(out + i, f32.load(x + i));
        out += bytes;
      }
    } else {
      for (let r = 0; r < reps; r++) {
        memory.copy(out, x, bytes);
        out += bytes;
      }
    }
    x += bytes;
  }
}
