import type { Command } from './command.ts';
import { backup, restore } from './commands/backup.ts';
import { createCompletion } from './commands/completion.ts';
import { keyCreate, keyList, keyRevoke } from './commands/key.ts';
import { providerAdd, providerList, providerTest } from './commands/provider.ts';
import { doctor, migrate, serve } from './commands/upkeep.ts';

/** Every command, in the order in which help shows them. */
export const COMMANDS: readonly Command[] = [
  serve,
  providerList,
  providerAdd,
  providerTest,
  keyCreate,
  keyList,
  keyRevoke,
  doctor,
  backup,
  restore,
  migrate,
  createCompletion(() => COMMANDS),
];
