import type { Command } from './command.ts';
import { backup, restore } from './commands/backup.ts';
import { createCompletion } from './commands/completion.ts';
import {
  credentialDisable,
  credentialEnable,
  credentialList,
  credentialRefresh,
  credentialRemove,
  credentialReset,
  credentialTest,
} from './commands/credential.ts';
import { credentialAdd } from './commands/credential-add.ts';
import { keyCreate, keyList, keyRevoke } from './commands/key.ts';
import { pluginDisable, pluginEnable, pluginList, pluginRemove, pluginShow, pluginVerify } from './commands/plugin.ts';
import { pluginBoundary } from './commands/plugin-boundary.ts';
import { pluginConfig } from './commands/plugin-config.ts';
import { pluginInstall } from './commands/plugin-install.ts';
import { providerAdd, providerList, providerTest } from './commands/provider.ts';
import { doctor, migrate, serve } from './commands/upkeep.ts';

/** Every command, in the order in which help shows them. */
export const COMMANDS: readonly Command[] = [
  serve,
  providerList,
  providerAdd,
  providerTest,
  pluginList,
  pluginShow,
  pluginInstall,
  pluginEnable,
  pluginDisable,
  pluginRemove,
  pluginVerify,
  pluginConfig,
  pluginBoundary,
  credentialList,
  credentialAdd,
  credentialTest,
  credentialRefresh,
  credentialEnable,
  credentialDisable,
  credentialReset,
  credentialRemove,
  keyCreate,
  keyList,
  keyRevoke,
  doctor,
  backup,
  restore,
  migrate,
  createCompletion(() => COMMANDS),
];
