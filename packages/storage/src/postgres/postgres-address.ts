/** Where a PostgreSQL is and who asks; the password only for `pg_dump`. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password?: string;
}

/** For messages: no password. */
export function renderAddress({ host, port, database, user }: PostgresAddress): string {
  return `${user}@${host}:${port}/${database}`;
}
