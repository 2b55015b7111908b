/**
 * A profile for `sandbox-exec` of macOS that would be the outer boundary there: reads of the system and of the plugin's own
 * folder, no network, no other programs, signals to itself alone.
 *
 * UNVERIFIED: written from Apple's own profiles in /System/Library/Sandbox, and never run on a Mac. So
 * `findOuterBoundary` does not use it and says so; whoever verifies it runs the hostile kit with it first.
 */
export function renderMacosProfile({ folder, node }: { readonly folder: string; readonly node: string }): string {
  return [
    '(version 1)',
    '(deny default)',
    '(import "system.sb")',
    '(deny network*)',
    `(allow process-exec (literal ${quote(node)}))`,
    '(deny process-fork)',
    '(allow signal (target self))',
    `(allow file-read* (subpath ${quote(folder)}) (literal ${quote(node)}) (subpath "/usr/lib") (subpath "/System/Library"))`,
    '(allow file-read-metadata)',
    '(allow file-ioctl (literal "/dev/null"))',
    '(deny file-write*)',
    '',
  ].join('\n');
}

const quote = (path: string): string => `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
