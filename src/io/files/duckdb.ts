// DuckDB as Driftline uses it: in memory, with nothing fetched from anywhere, time in UTC.
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** A database of its own. */
export function openDuckDb(): Promise<DuckDBInstance> {
  return DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: '1GB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
}

/** A connection whose times without an offset are UTC, as in events. */
export async function connectDuckDb(instance: DuckDBInstance): Promise<DuckDBConnection> {
  const connection = await instance.connect();
  await connection.run(`SET TimeZone = 'UTC'`);
  return connection;
}
