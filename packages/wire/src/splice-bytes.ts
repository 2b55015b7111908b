export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

/** Replaces byte ranges that do not overlap; every other byte stays as it is. */
export function spliceBytes(body: Buffer, splices: readonly Splice[]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const splice of [...splices].sort((left, right) => left.start - right.start)) {
    if (splice.start < at || splice.end < splice.start) throw new RangeError('Splices overlap or run backwards.');
    parts.push(body.subarray(at, splice.start), splice.bytes);
    at = splice.end;
  }
  parts.push(body.subarray(at));
  return Buffer.concat(parts);
}
