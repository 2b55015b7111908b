/** The key's last four characters; fewer for a short key, of which four would be too much of a secret. */
export function keyHint(key: string): string {
  const shown = Math.min(4, Math.floor(key.length / 4));
  return shown === 0 ? '' : key.slice(-shown);
}
