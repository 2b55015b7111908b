const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether JSON text nests objects and lists deeper than `maxDepth`. Of text that is no JSON the answer means nothing. */
export function exceedsJsonDepth(bytes: Uint8Array, maxDepth: number): boolean {
  // Every level takes a bracket at each end.
  if (bytes.length <= 2 * maxDepth) return false;
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case QUOTE:
        at = endOfString(bytes, at + 1);
        break;
      case 0x7b: // {
      case 0x5b: // [
        if (++depth > maxDepth) return true;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        depth--;
        break;
    }
  }
  return false;
}

/** Where the quote is that ends a string which began before `from`; the end of the text where there is none. */
function endOfString(bytes: Uint8Array, from: number): number {
  for (let at = from; ; at++) {
    at = bytes.indexOf(QUOTE, at);
    if (at < 0) return bytes.length;
    let before = at - 1;
    while (before >= from && bytes[before] === BACKSLASH) before--;
    if ((at - before) % 2 === 1) return at;
  }
}
