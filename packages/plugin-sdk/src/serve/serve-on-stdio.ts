import { Console } from 'node:console';
import type { PluginDefinition, ProviderDefinition } from '../provider-definition.ts';
import { createPluginServer } from './create-plugin-server.ts';

/**
 * Speaks with the host on stdin and stdout until the host is gone. Whatever the plugin prints goes to stderr, which is
 * its log: a word on stdout would be taken for a frame.
 */
export function serveOnStdio(definition: PluginDefinition | ProviderDefinition): void {
  globalThis.console = new Console(process.stderr, process.stderr);
  const { stdin, stdout } = process;
  let isCorked = false;
  const server = createPluginServer({
    definition,
    now: Date.now,
    queuedBytes: () => stdout.writableLength,
    write(parts) {
      // What is answered in one turn leaves in one write.
      if (!isCorked) {
        isCorked = true;
        stdout.cork();
        process.nextTick(() => {
          isCorked = false;
          stdout.uncork();
        });
      }
      let hasRoom = true;
      for (const part of parts) hasRoom = stdout.write(part);
      return hasRoom;
    },
    setTimer(callback, delayMs) {
      const timer = setTimeout(callback, delayMs);
      return () => clearTimeout(timer);
    },
    onShutdown: () => process.exit(0),
    onBreach(reason) {
      process.stderr.write(`The host broke the contract: ${reason}.\n`);
      process.exit(1);
    },
  });
  stdout.on('drain', () => server.drained());
  // The host is gone: there is nobody left to answer.
  stdout.on('error', () => process.exit(0));
  stdin.on('data', (chunk: Buffer) => server.receive(chunk));
  stdin.on('end', () => process.exit(0));
}
