import { homedir } from 'node:os';
import { ProxyCastError } from '@proxycast/spec';
import { type App, compose } from './compose.ts';
import { ConfigError, parseServerConfig } from './config/parse-server-config.ts';
import { createAdminCaller } from './declared/create-admin-caller.ts';
import { checkDeclared, watchDeclared } from './declared/watch-declared.ts';
import { homePlaces } from './home/home-folder.ts';
import { listen } from './http/listen.ts';
import { printWelcome } from './print-welcome.ts';
import { isSubcommand, runSubcommand } from './upkeep/run-subcommand.ts';

/** How long streams may go on after a signal; a second signal ends them at once. */
const GRACE_MS = 10_000;
/** Under npm one Ctrl-C can arrive twice: from the terminal and handed on by npm. */
const SAME_SIGNAL_MS = 700;

async function main(): Promise<void> {
  const [subcommand, ...args] = process.argv.slice(2);
  if (isSubcommand(subcommand)) {
    process.exitCode = await runSubcommand(subcommand, args, (text) => process.stdout.write(`${text}\n`));
    return;
  }
  if (subcommand !== undefined && subcommand !== 'serve') {
    process.stderr.write(`The server takes no argument "${subcommand}". The command line is: npx proxycast --help\n`);
    process.exitCode = 2;
    return;
  }
  const config = parseServerConfig(process.env, homedir());
  const { declared } = homePlaces(config.home);
  await checkDeclared(declared);
  const app = await compose(config);
  try {
    const address = await listen(app.server, config.host, config.port);
    let stopWatching = async (): Promise<void> => undefined;
    handleSignals(app, () => stopWatching());
    const call = createAdminCaller({ address, token: app.internalToken });
    const watch = await watchDeclared({ path: declared, call, environment: process.env, log: app.log });
    stopWatching = watch.stop;
    app.onRestored(watch.applyAgain);
    printWelcome({ app, address, write: (line) => process.stdout.write(`${line}\n`) });
  } catch (cause) {
    await app.stop(0);
    throw cause;
  }
}

function handleSignals(app: App, stopWatching: () => Promise<void>): void {
  const stopAll = (): Promise<void> => stopWatching().then(() => app.stop(GRACE_MS));
  let isStopping = false;
  let signalledAtMs = 0;
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) {
      if (performance.now() - signalledAtMs > SAME_SIGNAL_MS) process.exit(130);
      return;
    }
    isStopping = true;
    signalledAtMs = performance.now();
    app.log.info({ signal, inFlight: app.gateway.inFlight() }, 'stopping');
    stopAll().then(
      () => process.exit(0),
      (cause: unknown) => {
        app.log.fatal({ err: cause }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  process.on('unhandledRejection', (cause) =>
    app.log.error({ err: cause }, 'a promise was rejected and nobody looked'),
  );
  process.on('uncaughtException', (cause) => {
    // What state is left is not known: running streams may end, then a supervisor starts a clean process.
    app.log.fatal({ err: cause }, 'an exception was not caught; stopping');
    if (!isStopping) {
      isStopping = true;
      stopAll().then(
        () => process.exit(1),
        () => process.exit(1),
      );
    }
  });
}

function explain(cause: unknown): string {
  if (cause instanceof ConfigError) {
    return [
      'ProxyCast cannot start. Wrong settings:',
      ...cause.faults.map(({ path, message }) => `  ${path} ${message}`),
    ].join('\n');
  }
  if (cause instanceof ProxyCastError || cause instanceof Error) return `ProxyCast cannot start. ${cause.message}`;
  return 'ProxyCast cannot start.';
}

main().catch((cause: unknown) => {
  process.stderr.write(`${explain(cause)}\n`);
  process.exit(1);
});
