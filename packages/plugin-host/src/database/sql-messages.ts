/** What travels between the host and the process that has a plugin's database open. Structured clone, so bytes stay bytes. */
export type SqlValue = string | number | bigint | null | Uint8Array;

export type DatabaseRequest =
  | {
      readonly id: number;
      readonly type: 'query' | 'execute';
      readonly sql: string;
      readonly values: readonly SqlValue[];
    }
  /** `path`: of a copy in the plugin's folder; it is opened for this one query. */
  | {
      readonly id: number;
      readonly type: 'query-copy';
      readonly path: string;
      readonly sql: string;
      readonly values: readonly SqlValue[];
    }
  /** The rows of `plugin_credentials`, all of them. */
  | { readonly id: number; readonly type: 'credentials'; readonly rows: readonly CredentialRow[] };

export type DatabaseResponse =
  | {
      readonly id: number;
      readonly type: 'rows';
      readonly columns: readonly string[];
      readonly rows: readonly (readonly SqlValue[])[];
    }
  | { readonly id: number; readonly type: 'done'; readonly changes: number; readonly lastInsertRowId?: number }
  | {
      readonly id: number;
      readonly type: 'failed';
      readonly code: 'refused' | 'too_large' | 'sql';
      readonly message: string;
    };

/** A credential as the plugin's own database shows it: nothing that opens anything. */
export interface CredentialRow {
  readonly id: string;
  readonly auth_type: string;
  readonly name: string | null;
  readonly status: string;
  /** JSON text. */
  readonly stats: string;
  readonly created_at: number;
  readonly updated_at: number;
}
