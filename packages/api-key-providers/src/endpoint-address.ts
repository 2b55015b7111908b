/** Origin and path of an endpoint, computed once so that an attempt only joins strings. */
export interface EndpointAddress {
  readonly origin: string;
  readonly path: string;
}

/** Splits an absolute URL; `path` is appended to it unless it is an absolute URL itself. */
export function addressOf(base: string, path: string): EndpointAddress {
  const absolute = path.startsWith('http://') || path.startsWith('https://') ? path : `${base}${path}`;
  const url = new URL(absolute);
  return { origin: url.origin, path: `${url.pathname}${url.search}` };
}
