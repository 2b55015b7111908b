/** Reads server-sent events: yields the JSON of every `data:` field, wherever the bytes are cut. */
export async function* readEvents(body) {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    // A carriage return at the end may be half of a line's end.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    yield* lines.flatMap(parseLine);
  }
  yield* (rest + decoder.decode()).split(/\r\n|\n|\r/).flatMap(parseLine);
}

// All four dialects send one line of JSON per event; [DONE] is the end of one of them.
function parseLine(line) {
  const data = line.startsWith('data:') ? line.slice('data:'.length).trim() : '';
  if (data === '' || data === '[DONE]') return [];
  return [JSON.parse(data)];
}
