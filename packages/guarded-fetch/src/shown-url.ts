const MAX_CHARACTERS = 200;

/** An address as messages may show it: without user, password, query and fragment, which may hold secrets, and not too long. */
export function shownUrl(url: URL | string): string {
  if (typeof url === 'string') {
    const parsed = URL.parse(url);
    return parsed === null ? 'the address' : shownUrl(parsed);
  }
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  return shown.length > MAX_CHARACTERS ? `${shown.slice(0, MAX_CHARACTERS)}…` : shown;
}
