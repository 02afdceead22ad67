// The results that a deployment's store holds, for those who ask without being a worker.
import type { Settings } from '../config/settings.ts';
import { createRedisStores } from '../io/redis/stores.ts';
import type { ResultStore } from '../ports.ts';
import { keySpace, redisConnection } from './clients.ts';
import { readCredentials } from './credentials.ts';
import { quiet } from './quiet-log.ts';

/** Gives the configured store to a function and closes the connection. Rejects as `redisConnection` does. */
export async function withStoredResults<T>(
  settings: Settings,
  use: (results: ResultStore) => Promise<T>,
): Promise<T> {
  const { redis } = await readCredentials(settings);
  const connection = await redisConnection(settings.redis, redis, quiet);
  try {
    return await use(createRedisStores(connection, keySpace(settings)).results);
  } finally {
    await connection.close();
  }
}

/** The documents of every window of every configured model, in order of model, size and start. */
export async function* resultDocuments(results: ResultStore, settings: Settings): AsyncGenerator<string> {
  const { sizeMs, rollupsMs } = settings.windows;
  for (const { name } of settings.models) {
    for (const size of [sizeMs, ...rollupsMs]) {
      for (const start of await results.starts(name, size)) {
        const result = await results.result(name, { size, start });
        // It may have expired since.
        if (result !== undefined) yield result.document;
      }
    }
  }
}
