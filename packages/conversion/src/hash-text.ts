const CHARACTERS_PER_LANE = 6;
const LANE_VALUES = 36 ** CHARACTERS_PER_LANE;

/** Lower-case letters and digits made of a text: stable over processes and versions, not cryptographic. */
export function hashText(text: string, length: number): string {
  let hash = '';
  for (let lane = 0; hash.length < length; lane++) {
    hash += (laneOf(text, lane) % LANE_VALUES).toString(36).padStart(CHARACTERS_PER_LANE, '0');
  }
  return hash.slice(0, length);
}

/** FNV-1a over UTF-16 units with a multiplier of its own for each lane, then the finish of MurmurHash3. */
function laneOf(text: string, lane: number): number {
  const multiplier = 0x01000193 + lane * 0x2c1b3c6e;
  let hash = 0x811c9dc5 ^ Math.imul(lane + 1, 0x9e3779b1);
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), multiplier);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
