/**
 * The tables as Kysely sees them. Times are integer milliseconds, booleans 0 or 1, JSON is text, money is
 * integer millionths; both engines answer numbers and strings only.
 */
export interface DatabaseTables {
  readonly meta: MetaTable;
  readonly client_keys: ClientKeyTable;
  readonly api_key_providers: ProviderTable;
  readonly api_keys: ApiKeyTable;
  readonly routes: RouteTable;
  readonly settings: SettingTable;
  readonly ledger: LedgerTable;
  readonly kept_responses: KeptResponseTable;
  readonly credential_provider_plugins: PluginTable;
  readonly plugin_credentials: PluginCredentialTable;
  readonly refresh_leases: RefreshLeaseTable;
}

export interface MetaTable {
  readonly name: string;
  readonly value: string;
}

export interface ClientKeyTable {
  readonly id: string;
  readonly name: string;
  readonly sha256: string;
  readonly prefix: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly revoked_at: number | null;
  readonly expires_at: number | null;
  readonly allowed_models: string | null;
  readonly allowed_providers: string | null;
  readonly default_parameters: string | null;
}

export interface ProviderTable {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly api_host: string;
  readonly is_system: number;
  readonly group_name: string;
  readonly enabled: number;
  readonly sort_order: number;
  readonly api_version: string | null;
  readonly project: string | null;
  readonly location: string | null;
  readonly region: string | null;
  readonly models: string | null;
  readonly auth_header: string | null;
  readonly auth_prefix: string | null;
  readonly extra_headers: string | null;
  readonly key_choice: string | null;
  readonly preset_host: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface ApiKeyTable {
  readonly id: string;
  readonly provider_id: string;
  readonly api_key_encrypted: string;
  readonly name: string | null;
  readonly hint: string;
  readonly enabled: number;
  readonly weight: number | null;
  readonly usage_count: number;
  readonly error_count: number;
  readonly last_used_at: number | null;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface RouteTable {
  readonly id: string;
  readonly pattern: string;
  readonly targets: string;
  readonly sort_order: number;
  readonly enabled: number;
  readonly default_parameters: string | null;
  readonly output: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface SettingTable {
  readonly name: string;
  readonly value: string;
  readonly updated_at: number;
}

export interface LedgerTable {
  readonly id: string;
  readonly request_id: string;
  readonly attempt: number;
  readonly is_last: number;
  readonly started_at: number;
  readonly client_key_id: string;
  readonly protocol: string;
  readonly operation: string;
  readonly provider_id: string;
  readonly credential_id: string | null;
  readonly model: string;
  readonly upstream_model: string;
  readonly is_stream: number;
  readonly outcome: string;
  readonly upstream_status: number | null;
  readonly error_code: string | null;
  readonly fault: string | null;
  readonly input_tokens: number | null;
  readonly cache_read_tokens: number | null;
  readonly cache_write_tokens: number | null;
  readonly output_tokens: number | null;
  readonly reasoning_tokens: number | null;
  readonly first_byte_ms: number | null;
  readonly duration_ms: number;
  readonly overhead_ms: number | null;
  readonly request_bytes: number;
  readonly answer_bytes: number;
  readonly cost_micro_usd: number | null;
  readonly changed: string | null;
}

export interface KeptResponseTable {
  readonly record_id: string;
  readonly response_id: string;
  readonly client_key_id: string;
  readonly parent_record_id: string | null;
  readonly chain_id: string;
  readonly depth: number;
  readonly created_at: number;
  readonly expires_at: number;
  readonly status: string;
  readonly is_background: number;
  readonly provider_id: string;
  readonly model: string;
  readonly origin: string;
  readonly credential_id: string | null;
  readonly runner: string | null;
  /** Of the content as it is stored and of the row around it, about. */
  readonly bytes: number;
  /** Compressed and sealed. */
  readonly content_encrypted: string | null;
}

export interface PluginTable {
  readonly id: string;
  readonly display_name: string;
  readonly version: string;
  readonly enabled: number;
  /** JSON of `timeout_ms` and `settings`, sealed. */
  readonly config: string;
  readonly consent: string;
  /** SHA-256 of every file at its install, by its path in the plugin's folder. */
  readonly digests: string;
  readonly source: string;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface PluginCredentialTable {
  readonly id: string;
  readonly plugin_id: string;
  readonly auth_type: string;
  readonly name: string | null;
  readonly identity: string | null;
  readonly enabled: number;
  readonly weight: number | null;
  readonly status: string;
  readonly expires_at: number | null;
  /** Rises with every change of its data. */
  readonly version: number;
  readonly stats: string;
  readonly created_at: number;
  readonly updated_at: number;
  readonly credential_data_encrypted: string;
}

export interface RefreshLeaseTable {
  readonly credential_id: string;
  /** Absent: nobody holds it. */
  readonly owner: string | null;
  /** Rises with every holder. */
  readonly fence: number;
  readonly expires_at: number;
  readonly attempt_fence: number | null;
  /** Of the credential, when the attempt began. */
  readonly attempt_version: number | null;
  readonly attempt_at: number | null;
  readonly failures: number;
  readonly not_before: number;
}
