/** The dialect of an origin: what stands before the colon of `{protocol}:{provider}`, or all of it. */
export function protocolOf(origin: string): string {
  const colon = origin.indexOf(':');
  return colon < 0 ? origin : origin.slice(0, colon);
}
