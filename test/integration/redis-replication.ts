// A replica that can be cut off from its primary, so that it falls behind: what is lost when it takes over is known then.
import type { RedisConnection } from '../../src/io/redis/client.ts';

const [user, password] = ['replica', 'only for tests'];

/** What a server is started with that shall be a replica of somebody, sooner or later. */
export const replicaOptions: readonly string[] = ['--masteruser', user, '--masterauth', password];

/** Lets replicas follow a primary. */
export async function allowReplicas(primary: RedisConnection): Promise<void> {
  const rules = ['on', `>${password}`, '+psync', '+replconf', '+ping'];
  await primary.call('ACL', ['SETUSER', user, ...rules]);
}

/** Ends the following: what the primary writes from now on, its replicas do not get. */
export async function cutOffReplicas(primary: RedisConnection): Promise<void> {
  await primary.call('ACL', ['SETUSER', user, 'off']);
  await primary.call('CLIENT', ['KILL', 'TYPE', 'replica']);
}
