/** How many bytes of UTF-8 the text has, or its first `end` UTF-16 units. */
export function utf8Length(text: string, end = text.length): number {
  let bytes = 0;
  for (let at = 0; at < end && at < text.length; at++) bytes += bytesOf(text.charCodeAt(at));
  return bytes;
}

/** Half of a pair counts two: both together are four bytes. */
function bytesOf(unit: number): number {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  return unit >= 0xd800 && unit <= 0xdfff ? 2 : 3;
}

/** Finds the place in UTF-16 units of a byte offset into a text's UTF-8; `undefined` outside of it. */
export function createOffsetFinder(text: string): (byteOffset: number) => number | undefined {
  /** The offset of each unit, and behind them the length. */
  const offsets = new Uint32Array(text.length + 1);
  for (let at = 0; at < text.length; at++) offsets[at + 1] = (offsets[at] ?? 0) + bytesOf(text.charCodeAt(at));
  return (byteOffset) => {
    if (byteOffset < 0 || byteOffset > (offsets[text.length] ?? 0)) return undefined;
    let low = 0;
    let high = text.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((offsets[middle] ?? 0) < byteOffset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
