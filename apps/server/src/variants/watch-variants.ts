import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LOOK_EVERY_MS = 2_000;

/** Calls back when files of the folder come, go or change. Looks: file systems tell of changes in too many ways. Answers how to stop. */
export function watchVariants(folder: string, onChange: () => void): () => void {
  let seen = describe(folder);
  const timer = setInterval(() => {
    const now = describe(folder);
    if (now === seen) return;
    seen = now;
    onChange();
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function describe(folder: string): string {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => {
        const { mtimeMs, size } = statSync(join(folder, name));
        return `${name} ${mtimeMs} ${size}`;
      })
      .join('\n');
  } catch {
    // No folder, or a file that went between the two looks: the next look sees what is there.
    return '';
  }
}
