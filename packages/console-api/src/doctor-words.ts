/**
 * What the doctor can find, by code, in English; `{fields}` are filled in. `{detail}` is what a part of the program said,
 * in English. The command line has the same in other languages.
 */
export const DOCTOR_WORDS = {
  runtime_ok: 'Node {version}',
  runtime_old: 'Node {version} works; on {wanted} plugins are kept off the network by the runtime.',
  runtime_too_old: 'Node {version} is too old: {wanted} is needed. "npm start" brings it along.',
  setting_ok: 'The environment is in order.',
  setting_wrong: '{path} {detail}',
  home_ok: '{path}',
  home_new: '{path} is not there yet; the first start makes it.',
  home_open: '{path} can be read by others: chmod 700 {path}',
  home_denied:
    '{path} cannot be read and written by this user. Give it back to the user that runs ProxyCast, or set PROXYCAST_HOME.',
  disk_ok: '{free} MB free',
  disk_small: '{free} MB free at {path}.',
  disk_full: 'Only {free} MB free at {path}. Free some space: the ledger cannot be written without.',
  port_free: '{address} is free.',
  port_ours: 'A ProxyCast runs at {address}.',
  port_taken: 'Another program listens at {address}. Stop it, or set PROXYCAST_PORT to a free port.',
  declared_none: 'There is no proxycast.yaml; it is optional.',
  declared_ok: 'proxycast.yaml can be read.',
  declared_wrong: '{path} {detail} ProxyCast does not start with it.',
  declared_variable: 'proxycast.yaml takes a key from the environment variable {name}, which is not set here.',
  protocol_wrong: '{path} is wrong and left out: {detail}',
  master_key_ok: 'The master key opens the database.',
  master_key_wrong: '{detail}',
  database_none: 'There is none yet; the first start makes it.',
  database_ok: 'Schema {schema}.',
  database_old: 'The schema is older than this ProxyCast; the next start brings it up to date, after a backup.',
  database_faulty: '{detail}',
  restore_unfinished: 'A restore was cut off. The next start finishes it.',
  backup_ok: '{path}',
  backup_none: 'There is no backup yet. One is written each day; "proxycast backup" writes one now.',
  backup_old: 'The newest backup is {days} days old: {path}',
  clock_back:
    'The clock says {now}, but a backup is of {written}. Set the clock: signed requests and tokens fail when it is wrong.',
  provider_ok: '{count} enabled, each with a key.',
  provider_none:
    'No provider is enabled. Add a key: proxycast provider add <id> --key-stdin. Until then only proxycast-echo answers.',
  provider_faulty: '{id} cannot be called. {detail}',
  provider_without_key: '{id} is enabled and has no key that can be used: proxycast provider add {id} --key-stdin',
  route_to_disabled: 'The route {pattern} leads to the provider {provider}, which is disabled.',
  route_to_nowhere: 'The route {pattern} leads to the provider {provider}, which does not exist.',
  default_provider_wrong: 'The default provider {name} does not exist or is disabled.',
  client_key_none: 'There is no client key in force, so nobody can ask. Create one: proxycast key create',
  api_key_unreadable: '{detail}',
  plugin_ok: '{count} in order.',
  plugin_not_running: '{name} does not run. {reason}',
  plugin_resting: '{name} ended by itself and is started again. {reason}',
  plugin_not_installed:
    '{name} lies in the plugins folder, and nobody consented to it: proxycast plugin install <folder>',
  plugin_without_credential: '{name} has no login that can be used: proxycast credential add {name}',
  boundary_missing: 'The system puts no wall around plugins: {why}',
  boundary_open: 'Nothing holds plugins back from: {open}. "proxycast plugin boundary" shows each.',
  credential_needs_login:
    'The login {id} of {plugin} has ended. {reason} Log in again: proxycast credential add {plugin}',
  credential_suspended: 'The service suspended the login {id} of {plugin}: {reason}',
} as const;

export type DoctorCode = keyof typeof DOCTOR_WORDS;
