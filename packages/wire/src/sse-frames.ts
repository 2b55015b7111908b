/** One frame of a stream of server-sent events: the name of its event and its data, lines joined with LF. */
export interface SseFrame {
  readonly event?: string;
  readonly data: string;
}

/** The frames with data that end inside the text, in order. What follows the last blank line is left out. */
export function* readSseFrames(text: string): Generator<SseFrame> {
  const lines = withLineFeeds(text);
  let start = 0;
  for (let end = lines.indexOf('\n\n'); end >= 0; end = lines.indexOf('\n\n', start)) {
    const frame = parseFrame(lines.slice(start, end));
    if (frame !== undefined) yield frame;
    start = end + 2;
  }
}

/** Most readers want the last few frames only, and this holds them in nearly every stream. */
const FIRST_LOOK_CHARACTERS = 4 * 1024;

/**
 * The frames with data of the end of a stream, the last first. The last may lack its blank line, as some servers leave
 * it out. `isCutAtStart`: the text begins somewhere inside a frame, which is left out.
 */
export function* readSseFramesBackwards(text: string, isCutAtStart: boolean): Generator<SseFrame> {
  let seen = 0;
  if (text.length > FIRST_LOOK_CHARACTERS) {
    for (const frame of framesFromEnd(text.slice(-FIRST_LOOK_CHARACTERS), true)) {
      seen++;
      yield frame;
    }
  }
  for (const frame of framesFromEnd(text, isCutAtStart)) if (--seen < 0) yield frame;
}

function* framesFromEnd(text: string, isCutAtStart: boolean): Generator<SseFrame> {
  const lines = withLineFeeds(text);
  let end = lines.length;
  while (end > 0) {
    const boundary = lines.lastIndexOf('\n\n', end - 1);
    if (boundary < 0 && isCutAtStart) return;
    const frame = parseFrame(lines.slice(boundary < 0 ? 0 : boundary + 2, end));
    if (frame !== undefined) yield frame;
    end = boundary;
  }
}

const withLineFeeds = (text: string): string => (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);

function parseFrame(block: string): SseFrame | undefined {
  let event: string | undefined;
  let data: string | undefined;
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    const name = line.slice(0, colon);
    if (name === 'data') data = data === undefined ? value : `${data}\n${value}`;
    else if (name === 'event') event = value;
  }
  if (data === undefined) return undefined;
  return event === undefined ? { data } : { event, data };
}
