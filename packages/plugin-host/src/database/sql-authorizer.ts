import { constants } from 'node:sqlite';

/** The host's own table in a plugin's database. */
export const CREDENTIALS_TABLE = 'plugin_credentials';

type Authorizer = (action: number, first: string | null, second: string | null) => number;

/** Pragmas that tell something of the tables and change nothing. */
const READABLE_PRAGMAS = [
  'table_info',
  'table_xinfo',
  'table_list',
  'index_list',
  'index_info',
  'index_xinfo',
  'foreign_key_list',
];
/** Reach outside of the database, where a build has them. */
const REFUSED_FUNCTIONS = ['load_extension', 'readfile', 'writefile', 'edit', 'fts3_tokenizer'];

/** What a plugin's SQL may do, asked by SQLite as it compiles each statement. */
export function createSqlAuthorizer({ mayWrite }: { readonly mayWrite: boolean }): Authorizer {
  const { SQLITE_OK, SQLITE_DENY } = constants;
  const isOwnTable = (name: string | null): boolean => name?.toLowerCase() === CREDENTIALS_TABLE;
  return (action, first, second) => {
    switch (action) {
      case constants.SQLITE_SELECT:
      case constants.SQLITE_READ:
      case constants.SQLITE_RECURSIVE:
        return SQLITE_OK;
      case constants.SQLITE_FUNCTION:
        return REFUSED_FUNCTIONS.includes(second?.toLowerCase() ?? '') ? SQLITE_DENY : SQLITE_OK;
      case constants.SQLITE_PRAGMA:
        return READABLE_PRAGMAS.includes(first?.toLowerCase() ?? '') ? SQLITE_OK : SQLITE_DENY;
      case constants.SQLITE_INSERT:
      case constants.SQLITE_UPDATE:
      case constants.SQLITE_DELETE:
      case constants.SQLITE_DROP_TABLE:
        return mayWrite && !isOwnTable(first) ? SQLITE_OK : SQLITE_DENY;
      case constants.SQLITE_ALTER_TABLE:
      case constants.SQLITE_CREATE_INDEX:
      case constants.SQLITE_CREATE_TRIGGER:
      case constants.SQLITE_CREATE_TEMP_TRIGGER:
      case constants.SQLITE_CREATE_TEMP_INDEX:
      case constants.SQLITE_DROP_INDEX:
      case constants.SQLITE_DROP_TRIGGER:
        return mayWrite && !isOwnTable(second) ? SQLITE_OK : SQLITE_DENY;
      case constants.SQLITE_CREATE_TABLE:
      case constants.SQLITE_CREATE_VIEW:
      case constants.SQLITE_DROP_VIEW:
      case constants.SQLITE_CREATE_TEMP_TABLE:
      case constants.SQLITE_CREATE_TEMP_VIEW:
      case constants.SQLITE_DROP_TEMP_TABLE:
      case constants.SQLITE_DROP_TEMP_VIEW:
      case constants.SQLITE_DROP_TEMP_INDEX:
      case constants.SQLITE_DROP_TEMP_TRIGGER:
      case constants.SQLITE_TRANSACTION:
      case constants.SQLITE_SAVEPOINT:
      case constants.SQLITE_ANALYZE:
      case constants.SQLITE_REINDEX:
        return mayWrite ? SQLITE_OK : SQLITE_DENY;
      // ATTACH, DETACH, virtual tables, and whatever a later SQLite brings.
      default:
        return SQLITE_DENY;
    }
  };
}
