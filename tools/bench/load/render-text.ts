const WORDS =
  'the file holds a table of "names"\nand\tpaths; read it, then write {"a": [1, 2]} é 你好 back \\ slash and go on '
    .split(' ')
    .map((word) => {
      const text = `${word} `;
      return { text, bytes: Buffer.byteLength(JSON.stringify(text)) - 2 };
    });
const NOTHING = { text: '', bytes: 0 };

/** Text that takes exactly `size` bytes inside a JSON string; other seeds begin with other words. */
export function renderText(size: number, seed: number): string {
  let text = '';
  let left = size;
  for (let at = seed * 7; left > 0; at += 1) {
    const word = WORDS[at % WORDS.length] ?? NOTHING;
    if (word.bytes > left) break;
    text += word.text;
    left -= word.bytes;
  }
  return text + '.'.repeat(Math.max(left, 0));
}
