// The LogSource over a consumer group: the group shares out shards, the caller says where each is read from.
import type { Consumer, ConsumerConfig, EachBatchPayload } from 'kafkajs';
import { Fault } from '../../fault.ts';
import type { LogSource, SourceHandlers } from '../../log-source.ts';
import type { Log } from '../../ports.ts';
import { coPartitionAssigner } from './assigner.ts';
import { type Assignment, checkPartitions, createAssignment } from './assignment.ts';
import type { KafkaClient } from './client.ts';
import { type Fetched, fetchedOf, nextBatch } from './delivery.ts';
import { type GroupOffsets, openGroupOffsets, type TopicNames } from './offsets.ts';
import { kafkaFault, reach, settle } from './trouble.ts';

export interface KafkaSourceOptions {
  /** Not shared with another source of the same group. */
  readonly client: KafkaClient;
  readonly groupId: string;
  readonly topics: TopicNames;
  /** Partitions of each topic, as `checkTopics` found them. */
  readonly shards: number;
  readonly log: Log;
  /** Without a fetch for so long the source gives up with KAFKA_FAILED; more than a rebalance may take. */
  readonly watchdogMs: number;
  /** After so long without a heartbeat the group gives this member's shards to others. */
  readonly sessionTimeoutMs: number;
  /** How old what is known of the topics may become: so soon new partitions are noticed. */
  readonly metadataMaxAgeMs: number;
  /** True while a batch in hand waits for something that a restart would not mend: the watchdog then waits as well. */
  readonly isWaiting?: () => boolean;
  readonly onEvent?: (event: KafkaSourceEvent) => void;
}

export type KafkaSourceEvent =
  | { readonly kind: 'joined'; readonly shards: readonly number[]; readonly durationMs: number }
  | { readonly kind: 'rebalancing' }
  | { readonly kind: 'fetched'; readonly durationMs: number };

/** Often enough that a lost one costs nothing. */
function heartbeatMsOf({ sessionTimeoutMs }: KafkaSourceOptions): number {
  return Math.min(1_000, sessionTimeoutMs / 4);
}

/** One run of a source, from the first join to the goodbye. */
interface Run {
  readonly options: KafkaSourceOptions;
  readonly consumer: Consumer;
  readonly assignment: Assignment;
  readonly offsets: GroupOffsets;
  readonly handlers: SourceHandlers;
  readonly ended: PromiseWithResolvers<Ending>;
  over: boolean;
  /** The error of a delivery, which counts also after a stop: a last batch can fail. */
  failure: Ending;
  /** Deliveries, one after the other; never rejects. */
  lane: Promise<void>;
  /** The partition whose batch the handler has in hand. */
  inHand: string | undefined;
}

/** Why a run ended: undefined when it was stopped. */
type Ending = { readonly error: unknown } | undefined;

/**
 * A LogSource on Kafka. `run` rejects with a Fault when kafkajs gives up or stops fetching, and with the handler's own
 * error when a handler fails; restarting is left to whoever supervises the process. `stop` must not be awaited inside a
 * handler, because it waits for the batch in hand. `ends` tells how far a reader may see: an open transaction ends it.
 */
export function createKafkaSource(options: KafkaSourceOptions): LogSource {
  const { client, groupId, topics, shards } = options;
  const consumer = client.kafka.consumer(consumerSettings(options));
  const assignment = createAssignment(consumer, topics, shards);
  const offsets = openGroupOffsets(client, groupId, topics);
  let current: Run | undefined;
  let finished: Promise<unknown> = Promise.resolve();

  return {
    shards,
    run(handlers) {
      const ended = Promise.withResolvers<Ending>();
      const lane = Promise.resolve();
      const run: Run = {
        options,
        consumer,
        assignment,
        offsets,
        handlers,
        ended,
        over: false,
        failure: undefined,
        lane,
        inHand: undefined,
      };
      current = run;
      const work = read(run);
      finished = work.catch(() => undefined);
      return work;
    },
    async positions(shard) {
      const answers = Promise.all([offsets.beginning(shard), offsets.committed(shard)]);
      const [beginning, committed] = await unlessOver(current, answers);
      return { beginning, committed };
    },
    since: (shard, time) => unlessOver(current, offsets.since(shard, time)),
    ends: (wanted) => unlessOver(current, offsets.ends(wanted)),
    resume(shard, from) {
      assignment.resume(shard, from);
    },
    async commit(positions) {
      const own = [...positions].filter(([shard]) => assignment.has(shard));
      const commits = own.flatMap(([partition, next]) => [
        { topic: topics.predictions, partition, offset: String(next.predictions) },
        { topic: topics.labels, partition, offset: String(next.labels) },
      ]);
      if (commits.length === 0) return;
      await consumer.commitOffsets(commits).catch((error: unknown) => {
        options.log.warn({ error, groupId }, 'the offsets could not be committed: lag tools see old ones');
      });
    },
    async stop() {
      if (current !== undefined) end(current, undefined);
      await finished;
      await offsets.close();
    },
  };
}

function consumerSettings(options: KafkaSourceOptions): ConsumerConfig {
  const { groupId, sessionTimeoutMs, metadataMaxAgeMs } = options;
  return {
    groupId,
    partitionAssigners: [coPartitionAssigner],
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: 2 * sessionTimeoutMs,
    heartbeatInterval: heartbeatMsOf(options),
    metadataMaxAge: metadataMaxAgeMs,
    minBytes: 1,
    maxBytes: 2 * 1024 * 1024,
    maxBytesPerPartition: 1024 * 1024,
    // Also how long kafkajs sleeps, blind to a resume, while everything is paused.
    maxWaitTimeInMs: 200,
    allowAutoTopicCreation: false,
    readUncommitted: false,
    rackId: '',
    retry: {
      retries: 5,
      initialRetryTime: 300,
      multiplier: 2,
      factor: 0.2,
      maxRetryTime: 5_000,
      // A restart inside kafkajs builds a new group member and loses every seek: the process restarts instead.
      restartOnFailure: async () => false,
    },
  };
}

/** A question that the end of a run has cut off fails with why the run ended: a closed connection is only what that led to. */
async function unlessOver<T>(run: Run | undefined, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const ending = run?.over === true ? await run.ended.promise : undefined;
    throw ending === undefined ? error : ending.error;
  }
}

function end(run: Run, ending: Ending): void {
  run.over = true;
  run.ended.resolve(ending);
}

async function read(run: Run): Promise<void> {
  const { client, topics, watchdogMs } = run.options;
  const doing = `reading ${topics.predictions} and ${topics.labels}`;
  const fail = (error: unknown): void => end(run, { error: kafkaFault(error, doing, client) });
  await reach(client, run.consumer);
  const watchdog = setTimeout(() => {
    if (run.inHand !== undefined && run.options.isWaiting?.()) watchdog.refresh();
    else end(run, { error: silence(run) });
  }, watchdogMs);
  let joined: Promise<void> = Promise.resolve();
  try {
    await run.consumer.subscribe({ topics: [topics.predictions, topics.labels], fromBeginning: true });
    // kafkajs ends with the first "not now" when it joins.
    await run.offsets.coordinated();
    listen(run, watchdog, fail);
    if (!run.over) joined = start(run);
  } catch (error) {
    fail(error);
  }
  // Not waited for, so that a stop need not wait for the other members of the group.
  joined.catch(fail);
  const ending = await run.ended.promise;
  clearTimeout(watchdog);
  await leave(run, joined, ending);
  const failure = ending ?? run.failure;
  if (failure !== undefined) throw failure.error;
}

async function leave({ lane, consumer, offsets }: Run, joined: Promise<void>, ending: Ending): Promise<void> {
  // Stopped, it waits for the batch in hand as long as that takes; after a failure the handler may be what hangs.
  if (ending === undefined) await lane;
  // kafkajs cannot leave a group that it is just joining, and would go on fetching.
  const left = joined.catch(() => undefined).then(() => consumer.disconnect());
  await Promise.all([settle(lane), settle(left), offsets.close()]);
}

function silence({ options, inHand }: Run): Fault {
  const seconds = options.watchdogMs / 1000;
  const reason =
    inHand === undefined ? 'the client has stopped fetching' : `a batch of ${inHand} is still in hand`;
  return new Fault('KAFKA_FAILED', `Kafka: nothing was fetched for ${seconds} s: ${reason}.`);
}

function start(run: Run): Promise<void> {
  return run.consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 1,
    eachBatch: (payload) => receive(run, payload),
  });
}

function listen(run: Run, watchdog: NodeJS.Timeout, fail: (error: unknown) => void): void {
  const { consumer, assignment, handlers, options } = run;
  const { GROUP_JOIN, REBALANCING, FETCH, CRASH } = consumer.events;
  // Runs before the first fetch of the generation, but is not awaited: what must precede it happens synchronously.
  consumer.on(GROUP_JOIN, ({ payload }) => {
    watchdog.refresh();
    if (run.over) return;
    const checked = checkTopicsOf(run).catch((error: unknown) => end(run, { error }));
    try {
      const shards = assignment.replace(payload.memberAssignment);
      options.onEvent?.({ kind: 'joined', shards, durationMs: payload.duration });
      handlers.assigned(shards);
    } catch (error) {
      // The check knows more of partitions that were added than a member sees in what is its own.
      void checked.then(() => end(run, { error }));
    }
  });
  consumer.on(REBALANCING, () => {
    watchdog.refresh();
    options.onEvent?.({ kind: 'rebalancing' });
  });
  consumer.on(FETCH, ({ payload }) => {
    watchdog.refresh();
    options.onEvent?.({ kind: 'fetched', durationMs: payload.duration });
  });
  consumer.on(CRASH, ({ payload }) => fail(payload.error));
}

/** A member may have been given what it always had, or nothing, and yet must not go on: it evaluates for all shards. */
async function checkTopicsOf({ offsets, options }: Run): Promise<void> {
  checkPartitions(await offsets.partitions(), options.topics, options.shards);
}

/** An error here would make kafkajs retry the batch, so only the heartbeat's may leave: it tells of a rebalance. */
async function receive(run: Run, payload: EachBatchPayload): Promise<void> {
  const { batch, heartbeat, isRunning, isStale, resolveOffset } = payload;
  const wanted = (): boolean => isRunning() && !isStale();
  if (!wanted() || run.assignment.cursor(batch.topic, batch.partition) === undefined) return;
  // A store that is slow for longer than the session must not cost the group its member.
  const beating = setInterval(() => {
    heartbeat().catch((error: unknown) => run.options.log.debug({ error }, 'no heartbeat during a batch'));
  }, heartbeatMsOf(run.options));
  const delivered = await deliver(run, fetchedOf(batch), wanted).finally(() => clearInterval(beating));
  if (delivered) resolveOffset(batch.lastOffset());
  await heartbeat();
}

/** True when the handler has taken the stretch and its partition is still read from where it ends. Never rejects. */
function deliver(run: Run, fetched: Fetched, wanted: () => boolean): Promise<boolean> {
  const { topic, partition } = fetched;
  const delivery = run.lane.then(async () => {
    const cursor = run.assignment.cursor(topic, partition);
    const current = (): boolean =>
      !run.over && wanted() && run.assignment.cursor(topic, partition) === cursor;
    if (cursor === undefined || !current()) return false;
    try {
      const batch = await nextBatch(fetched, cursor, {
        ...run,
        topics: run.options.topics,
        log: run.options.log,
      });
      if (batch === undefined || !current()) return false;
      run.inHand = `${topic}/${partition}`;
      await run.handlers.batch(batch);
      cursor.next = batch.nextOffset;
      return run.assignment.cursor(topic, partition) === cursor;
    } catch (error) {
      run.failure = { error };
      end(run, run.failure);
      return false;
    } finally {
      run.inHand = undefined;
    }
  });
  run.lane = delivery.then(() => undefined);
  return delivery;
}
