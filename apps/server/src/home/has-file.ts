import { statSync } from 'node:fs';

/** Whether there is a file with something in it. */
export function hasFile(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0;
}
