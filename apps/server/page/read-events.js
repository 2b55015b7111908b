/** Reads server-sent events: yields the JSON of every `data:` field, wherever the bytes are cut. */
export async function* readEvents(body) {
  const decoder = new TextDecoder();
  // Not `for await`: some browsers cannot iterate a stream yet.
  const reader = body.getReader();
  let rest = '';
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      rest += decoder.decode(read.value, { stream: true });
      // A carriage return at the end may be half of a line's end.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? '';
      yield* lines.flatMap(parseLine);
    }
    yield* rest.split(/\r/).flatMap(parseLine);
  } finally {
    // Whoever stops reading early leaves the server; a stream that failed says so once more, to nobody.
    await reader.cancel().catch(() => undefined);
  }
}

// All four dialects send one line of JSON per event; [DONE] is the end of one of them.
function parseLine(line) {
  const data = line.startsWith('data:') ? line.slice('data:'.length).trim() : '';
  return data === '' || data === '[DONE]' ? [] : [JSON.parse(data)];
}
