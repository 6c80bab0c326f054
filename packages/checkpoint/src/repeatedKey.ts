/** Behind the string of a JSON text that begins at `start`. */
function endOfString(json: string, start: number): number {
  for (let at = start + 1; ; at++) {
    const letter = json[at];
    if (letter === '"') return at + 1;
    if (letter === '\\') at++;
  }
}

/**
 * The first key that an object of a JSON text has twice, which `JSON.parse` would pass over; undefined when there is none.
 *
 * @param json valid JSON. By hand, as a regular expression runs out of stack on long strings.
 */
export function repeatedKey(json: string): string | undefined {
  // One set of keys an open object, undefined for an open list.
  const open: (Set<string> | undefined)[] = [];
  let expectsKey = false;
  for (let at = 0; at < json.length; at++) {
    const letter = json[at]!;
    if (letter === '"') {
      const end = endOfString(json, at);
      if (expectsKey) {
        const keys = open.at(-1)!;
        const key = JSON.parse(json.slice(at, end)) as string;
        if (keys.has(key)) return key;
        keys.add(key);
      }
      expectsKey = false;
      at = end - 1;
    } else if (letter === '{' || letter === '[') open.push(letter === '{' ? new Set() : undefined);
    else if (letter === '}' || letter === ']') open.pop();
    if (letter === '{' || letter === ',') expectsKey = open.at(-1) !== undefined;
  }
  return undefined;
}
